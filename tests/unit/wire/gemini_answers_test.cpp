// Whole answers both ways, errors both ways, edits and the relay of the Gemini dialect.
#include "unit/wire/describe.h"
#include "unit/wire/gemini_common.h"
#include "wire/gemini/answer.h"
#include "wire/gemini/edits.h"
#include "wire/gemini/error.h"
#include "wire/gemini/signature.h"

namespace gemini_answers_test {

using namespace gemini_test;

namespace {

const auto& upstream() {
    return gemini::upstream_codec();
}
Answer read(Kind kind, std::string_view body) {
    json::Document scratch;
    auto answer = upstream().whole(kind, body, scratch);
    REQUIRE_MESSAGE(answer, std::string(answer ? "" : answer.error()->message));
    return std::move(*answer);
}
Error failed(Kind kind, std::string_view body) {
    json::Document scratch;
    const auto answer = upstream().whole(kind, body, scratch);
    REQUIRE_FALSE(answer);
    return answer.error();
}
std::string edited(std::string_view body, const wire::UpstreamNeeds& needs, std::size_t warnings = 0) {
    json::Document document;
    REQUIRE(document.parse(body));
    const auto plan = upstream().edits(document, needs);
    CHECK(plan.warnings.size() == warnings);
    const auto out = text::apply_edits(body, plan.edits);
    REQUIRE(out);
    return *out;
}

}  // namespace

TEST_CASE("gemini answer: read") {
    const auto answer = read(Kind::chat, R"({"candidates":[{"content":{"role":"model","parts":[
        {"text":"think","thought":true,"thoughtSignature":"c2ln"},{"text":"It is "},{"text":"sunny."},
        {"functionCall":{"id":"fc","name":"f","args":{"a":1}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}],
        "usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":12,"thoughtsTokenCount":5,"totalTokenCount":27},
        "modelVersion":"g","responseId":"r"})");
    REQUIRE(answer.choices.size() == 1);
    const auto& choice = answer.choices[0];
    CHECK(choice.text == "It is sunny.");
    CHECK(choice.reasoning == std::vector<Reasoning>{{"think", {"c2ln", ""}}});
    REQUIRE(choice.tool_calls.size() == 1);
    CHECK(choice.tool_calls[0].arguments == R"({"a":1})");
    CHECK(choice.tool_calls[0].opaque.data == "c2ln");
    CHECK(choice.finish == FinishReason::tool_calls);
    CHECK(answer.usage == Usage{10, 17, std::nullopt, std::nullopt, 5});
    json::Document scratch;
    const auto facts =
        upstream().facts(Kind::chat, R"([{"candidates":[{"finishReason":"MAX_TOKENS"}]}])", scratch);
    REQUIRE(facts);
    CHECK(facts->finish[0] == FinishReason::length);
    const auto blocked = read(Kind::chat, R"({"promptFeedback":{"blockReason":"SAFETY"}})");
    REQUIRE(blocked.choices.size() == 1);
    CHECK(blocked.choices[0].finish == FinishReason::content_filter);
}

TEST_CASE("gemini answer: counts and embeddings") {
    CHECK(read(Kind::count, R"({"totalTokens":31})").usage.input == 31);
    const auto one = read(Kind::embedding, R"({"embedding":{"values":[0.5,1]}})");
    REQUIRE(one.embeddings.size() == 1);
    CHECK(one.embeddings[0].values == std::vector<float>{0.5F, 1.0F});
    const auto several = read(Kind::embedding, R"({"embeddings":[{"values":[1]},{"values":[2]}]})");
    REQUIRE(several.embeddings.size() == 2);
    CHECK(several.embeddings[1].index == 1);
    Request request;
    request.kind = Kind::embedding;
    wire::AnswerContext context{.request = &request, .endpoint = "embedContent"};
    const auto& client = gemini::client_codec();
    CHECK(client.whole(context, one) == R"({"embedding":{"values":[0.5,1]}})");
    context.endpoint = "batchEmbedContents";
    Answer mixed = several;
    std::swap(mixed.embeddings[0], mixed.embeddings[1]);
    CHECK(client.whole(context, mixed) == R"({"embeddings":[{"values":[1]},{"values":[2]}]})");
    request.kind = Kind::count;
    CHECK(client.whole(context, read(Kind::count, R"({"totalTokens":31})")) == R"({"totalTokens":31})");
}

TEST_CASE("gemini answer: 200s that are no answers") {
    CHECK(failed(Kind::chat, "<html>").code == Code::upstream_failed);
    CHECK(failed(Kind::chat, "{}").code == Code::upstream_failed);
    CHECK(failed(Kind::chat, R"({"candidates":[]})").code == Code::upstream_failed);
    CHECK(failed(Kind::chat, R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]})").code ==
          Code::upstream_failed);
    CHECK(failed(Kind::chat, R"([{"error":{"code":429,"message":"m"}}])").code == Code::rate_limited);
    CHECK(failed(Kind::count, R"({"totalTokens":-1})").code == Code::upstream_failed);
    CHECK(failed(Kind::embedding, R"({"candidates":[]})").code == Code::upstream_failed);
    CHECK(failed(Kind::embedding, R"({"embedding":{"values":["x"]}})").code == Code::upstream_failed);
    CHECK(failed(Kind::embedding, R"({"embeddings":[{}]})").code == Code::upstream_failed);
}

TEST_CASE("gemini answer: written") {
    Request request;
    const wire::AnswerContext context{
        .request = &request, .model = "gemini-x", .origin = "claude", .id = "ID"};
    Answer answer;
    auto& choice = answer.choices.emplace_back();
    choice.reasoning = {{"hm", {"sig", ""}}};
    choice.text = "said";
    choice.tool_calls = {{.id = "c", .name = "f", .arguments = "not json"}};
    choice.media = {{0, "image/png", "AA=="}};
    choice.citations = {{0, "https://a", "A", "said", -1, -1}, {0, "https://a", "A", "", -1, -1}};
    choice.finish = FinishReason::content_filter;
    answer.usage = {5, 3, std::nullopt, std::nullopt, std::nullopt};
    CHECK(
        gemini::client_codec().whole(context, answer) ==
        R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true,"thoughtSignature":")" +
            gemini::seal_signature("claude", "sig") +
            R"("},{"text":"said"},{"inlineData":{"mimeType":"image/png","data":"AA=="}},)"
            R"({"functionCall":{"id":"c","name":"f","args":{"input":"not json"}}}],"role":"model"},)"
            R"("finishReason":"SAFETY","index":0,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}],)"
            R"("groundingSupports":[{"segment":{"text":"said"},"groundingChunkIndices":[0]}]}}],)"
            R"("usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3,"totalTokenCount":8},)"
            R"("modelVersion":"gemini-x","responseId":"ID"})");
}

TEST_CASE("gemini errors: towards clients") {
    const auto reply = [](Error error) { return gemini::client_codec().error(error); };
    const auto plain = reply({.code = Code::not_found, .message = "no model"});
    CHECK(plain.status == 404);
    CHECK(plain.body == R"({"error":{"code":404,"message":"no model","status":"NOT_FOUND"}})");
    const auto wait = reply({.code = Code::rate_limited, .message = "slow", .retry_after_ms = 1500});
    CHECK(wait.status == 429);
    CHECK(wait.retry_after_s == 2);
    CHECK(wait.body == R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[)"
                       R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}})");
    const auto large = reply({.code = Code::context_exceeded, .message = "x", .needed = 9000, .limit = 8192});
    CHECK(large.status == 400);
    CHECK(large.body ==
          R"({"error":{"code":400,"message":"The input token count (9000) exceeds the maximum number of )"
          R"(tokens allowed (8192).","status":"INVALID_ARGUMENT"}})");
    const std::string own =
        R"({"error":{"code":400,"message":"m","status":"FAILED_PRECONDITION","details":[]}})";
    const auto passed =
        reply({.code = Code::upstream_rejected, .message = "r", .http_status = 400, .upstream_body = own});
    CHECK(passed.status == 400);
    CHECK(passed.body == own);
    const auto foreign = reply({.code = Code::upstream_rejected,
                                .message = "r",
                                .http_status = 422,
                                .upstream_body = R"({"error":{"message":"theirs","type":"t"}})"});
    CHECK(foreign.status == 422);
    CHECK(foreign.body == R"({"error":{"code":422,"message":"theirs","status":"INVALID_ARGUMENT"}})");
    CHECK(reply({.code = Code::upstream_timeout, .message = "t"}).body.find("DEADLINE_EXCEEDED") !=
          std::string::npos);
}

TEST_CASE("gemini errors: inside a 200") {
    const auto find = [](std::string_view body) {
        json::Document document;
        const auto root = document.parse(body);
        REQUIRE(root);
        return gemini::find_error(*root);
    };
    const std::string body = R"({"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}})";
    const auto rejected = find("[" + body + "\n]");
    REQUIRE(rejected);
    CHECK(rejected->code == Code::upstream_rejected);
    CHECK(rejected->http_status == 400);
    CHECK(rejected->message == "The upstream reported an error: bad");
    CHECK(rejected->upstream_body == body);
    const auto slow = find(
        R"({"error":{"code":429,"message":"q","details":[{"@type":"x"},{"retryDelay":"34.074824224s"}]}})");
    REQUIRE(slow);
    CHECK(slow->code == Code::rate_limited);
    CHECK(slow->retry_after_ms == 34075);
    CHECK(find(R"({"error":{"status":"DEADLINE_EXCEEDED"}})")->code == Code::upstream_timeout);
    CHECK(find(R"({"error":"text"})")->code == Code::upstream_failed);
    CHECK(!find(R"({"candidates":[]})"));
}

TEST_CASE("gemini edits: signatures are sent only to the provider that made them") {
    const auto mine = gemini::seal_signature("google", "raw"), other = gemini::seal_signature("claude", "x");
    const std::string body = R"({"contents": [{"parts": [{"text":"t","thought":true,"thoughtSignature":")" +
                             other + R"("},{"thought_signature":")" + mine +
                             R"(","text":"u"},{"functionCall":{"name":"f"},)" + R"("thoughtSignature":")" +
                             other + R"("},{"text":"v","thoughtSignature":"YXMgaXQgaXM="}]}]})";
    CHECK(edited(body, {.provider = "google", .model = "gemini-3-pro"}) ==
          R"({"contents": [{"parts": [{"text":"t","thought":true},{"thought_signature":"raw","text":"u"},)"
          R"({"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},)"
          R"({"text":"v","thoughtSignature":"YXMgaXQgaXM="}]}]})");
    CHECK(edited(body, {.provider = "google", .model = "gemini-2.5-pro"})
              .find(R"({"functionCall":{"name":"f"}},)") != std::string::npos);
    const std::string plain = R"({ "contents" : [ {"parts":[{"text":"x"}]} ] , "labels" : {} })";
    CHECK(edited(plain, {.provider = "google", .model = "gemini-3-pro"}) == plain);
}

TEST_CASE("gemini edits: the model where a body names it, and fields that are refused") {
    CHECK(edited(R"({"requests":[{"model":"models/a","content":{}},{"content":{}}]})", {.model = "b"}) ==
          R"({"requests":[{"model":"models/b","content":{}},{"content":{}}]})");
    CHECK(edited(R"({"generateContentRequest":{"model":"a","contents":[]}})", {.model = "b"}) ==
          R"({"generateContentRequest":{"model":"models/b","contents":[]}})");
    const std::string_view remove[] = {"safetySettings", "labels"};
    CHECK(edited(R"({"contents":[],"safety_settings":[]})", {.remove = remove}, 1) == R"({"contents":[]})");
}

TEST_CASE("gemini relay: whole events in their own bytes, the end held back") {
    const std::string text = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\r\n\r\n";
    const std::string end = "data: {\"candidates\":[{\"finishReason\":\"MALFORMED_FUNCTION_CALL\"}]}\r\n\r\n";
    const auto relay = upstream().relay({});
    std::string out;
    for (std::size_t at = 0; at < text.size() + end.size(); at += 7) {
        for (const auto piece : relay->feed((text + end).substr(at, 7))) out += piece;
    }
    CHECK(out == text);
    CHECK_FALSE(relay->over());
    CHECK(relay->finish() == end);  // the client knows the word
    CHECK(relay->facts().finish[0] == FinishReason::error);
    const auto cut = upstream().relay({});
    CHECK(cut->feed(text).size() == 1);
    CHECK(std::string(cut->finish()).starts_with("data: {\"error\":{\"code\":502,"));
}

}  // namespace gemini_answers_test
