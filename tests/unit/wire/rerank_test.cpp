// Reranking, Mistral's fill in the middle and LM Studio's listing.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/codecs.h"
#include "wire/lmstudio/models.h"
#include "wire/openai/fim.h"
#include "wire/openai/rerank.h"

namespace rerank_test {

using namespace wire_test;
using namespace hearth::exchange;
namespace lmstudio = hearth::wire::lmstudio;
namespace openai = hearth::wire::openai;

namespace {

Result<Request> tried(Kind kind, std::string_view endpoint, std::string_view body) {
    json::Document document;
    REQUIRE(document.parse(body));
    wire::Call call;
    call.kind = kind;
    call.endpoint = endpoint;
    return wire::client_codec(Dialect::openai)->decode(call, document);
}

wire::AnswerContext context_of(const Request& request, std::string_view endpoint = {}) {
    wire::AnswerContext context;
    context.request = &request;
    context.endpoint = endpoint;
    context.model = "alias";
    context.id = "X";
    context.created_s = 5;
    return context;
}

}  // namespace

TEST_CASE("rerank: requests") {
    const auto request =
        tried(Kind::rerank, "", R"({"model":"m","query":"q","documents":["a",{"text":"b","id":7}],
        "top_n":1,"return_documents":true,"truncation":true})");
    REQUIRE(request);
    CHECK(request->kind == Kind::rerank);
    CHECK(request->rerank() == Rerank{"q", {"a", "b"}, 1, true});
    CHECK(request->extra == std::vector<RawField>{{"truncation", "true"}});
    CHECK(openai::encode_rerank(*request, "real") ==
          R"({"model":"real","query":"q","documents":["a","b"],"top_n":1})");
    static constexpr std::pair<std::string_view, std::string_view> kBad[] = {
        {"[]", ""},
        {R"({"documents":["a"]})", "query"},
        {R"({"query":null,"documents":["a"]})", "query"},
        {R"({"query":"q"})", "documents"},
        {R"({"query":"q","documents":[]})", "documents"},
        {R"({"query":"q","documents":"a"})", "documents"},
        {R"({"query":"q","documents":[1]})", "documents[0]"},
        {R"({"query":"q","documents":["a",{"body":"b"}]})", "documents[1].text"},
        {R"({"query":"q","documents":["a"],"top_n":0})", "top_n"},
    };
    for (const auto& [body, param] : kBad) {
        CAPTURE(body);
        const auto bad = tried(Kind::rerank, "", body);
        REQUIRE_FALSE(bad);
        CHECK(bad.error()->param == param);
        CHECK(bad.error()->code == Code::invalid_request);
    }
}

TEST_CASE("rerank: answers of the vendors, read") {
    const auto& codec = *wire::upstream_codec(Dialect::openai);
    CHECK(codec.path(Kind::rerank, "m", false) == "/rerank");
    static constexpr std::string_view kSame[] = {
        R"({"model":"m","object":"list","usage":{"prompt_tokens":7,"total_tokens":7},"results":[
            {"index":1,"relevance_score":0.5},{"index":0,"relevance_score":-2}]})",
        R"({"object":"list","data":[{"index":1,"relevance_score":0.5},{"index":0,"relevance_score":-2}],
            "usage":{"total_tokens":7}})",
        R"({"id":"x","results":[{"index":1,"relevance_score":0.5},{"index":0,"relevance_score":-2}],
            "meta":{"tokens":{"input_tokens":7}}})",
    };
    json::Document scratch;
    for (const auto body : kSame) {
        CAPTURE(body);
        const auto answer = codec.whole(Kind::rerank, body, scratch);
        REQUIRE(answer);
        REQUIRE(answer->scores.size() == 2);
        CHECK(answer->scores[0].index == 1);
        CHECK(answer->scores[0].score == 0.5);
        CHECK(answer->scores[1].score == -2);
        CHECK(answer->usage.input == 7);
        const auto facts = codec.facts(Kind::rerank, body, scratch);
        REQUIRE(facts);
        CHECK(facts->usage->input == 7);
        CHECK(facts->done);
    }
    CHECK(codec.whole(Kind::rerank, R"([{"index":0,"score":1}])", scratch)->scores.at(0).score == 1);
    for (const std::string_view bad : {"<html>", "{}", R"({"error":"no"})", R"({"results":[{"index":0}]})",
                                       R"({"results":[{"index":-1,"relevance_score":1}]})"}) {
        CAPTURE(bad);
        const auto answer = codec.whole(Kind::rerank, bad, scratch);
        REQUIRE_FALSE(answer);
        CHECK(answer.error()->code == Code::upstream_failed);
    }
}

TEST_CASE("rerank: the answer is sorted, cut and holds the documents that were asked for") {
    Request request;
    request.kind = Kind::rerank;
    request.body = Rerank{"q", {"a", "b", "c"}, 2, true};
    Answer answer;
    // The second score of document 0 and a document that was not sent are an upstream's mistakes.
    answer.scores = {{0, 0.25}, {2, 0.5}, {1, 0.5}, {0, 9}, {3, 8}, {-1, 8}};
    answer.usage.input = 4;
    const auto& codec = *wire::client_codec(Dialect::openai);
    CHECK(codec.whole(context_of(request), answer) ==
          R"({"id":"rerank-X","object":"list","model":"alias","results":[)"
          R"({"index":1,"relevance_score":0.5,"document":{"text":"b"}},)"
          R"({"index":2,"relevance_score":0.5,"document":{"text":"c"}}],)"
          R"("usage":{"prompt_tokens":4,"total_tokens":4}})");
    request.body = Rerank{"q", {"a", "b", "c"}, std::nullopt, false};
    answer.usage = {};
    CHECK(codec.whole(context_of(request), answer) ==
          R"({"id":"rerank-X","object":"list","model":"alias","results":[{"index":1,"relevance_score":0.5},)"
          R"({"index":2,"relevance_score":0.5},{"index":0,"relevance_score":0.25}]})");
}

TEST_CASE("fim: Mistral's request") {
    const auto request =
        tried(Kind::completion, "fim", R"({"model":"codestral","prompt":"a","suffix":"b","max_tokens":9,
        "min_tokens":1,"random_seed":7,"stop":"x","temperature":0.5,"stream":true})");
    REQUIRE(request);
    CHECK(request->kind == Kind::completion);
    CHECK(request->completion().suffix == "b");
    CHECK(request->sampling.seed == 7);
    CHECK(request->extra == std::vector<RawField>{{"min_tokens", "1"}});
    CHECK(
        openai::encode_fim(*request, "m") ==
        R"({"model":"m","prompt":"a","suffix":"b","max_tokens":9,"temperature":0.5,"random_seed":7,"stop":["x"],)"
        R"("stream":true})");
    const auto list = tried(Kind::completion, "fim", R"({"prompt":["a"]})");
    REQUIRE_FALSE(list);
    CHECK(list.error()->param == "prompt");
    const auto seed = tried(Kind::completion, "fim", R"({"prompt":"a","random_seed":"x"})");
    REQUIRE_FALSE(seed);
    CHECK(seed.error()->param == "random_seed");
    // Whoever has no such endpoint is asked as a completion.
    const auto& upstream = *wire::upstream_codec(Dialect::openai);
    CHECK_FALSE(upstream.path_of(*request, "fim", "m"));
    CHECK(upstream.path_of(*request, "", "m") == "/completions");
}

TEST_CASE("fim: answers are shaped as a chat's") {
    Request request;
    request.kind = Kind::completion;
    request.body = Completion{{"a"}, "b"};
    Answer answer;
    answer.choices.resize(1);
    answer.choices[0].text = "middle";
    answer.choices[0].finish = FinishReason::stop;
    const auto& codec = *wire::client_codec(Dialect::openai);
    const auto whole = codec.whole(context_of(request, "fim"), answer);
    CHECK(whole.starts_with(
        R"({"id":"cmpl-X","object":"chat.completion","created":5,"model":"alias","choices":[)"));
    CHECK(whole.find(R"("message":{"role":"assistant","content":"middle")") != std::string::npos);
    std::string out;
    const auto encoder = codec.stream(context_of(request, "fim"));
    for (const auto& event : unfold(answer)) encoder->write(event, out);
    CHECK(out.find(R"("object":"chat.completion.chunk")") != std::string::npos);
    CHECK(out.find(R"("delta":{"content":"middle"})") != std::string::npos);
    CHECK(out.ends_with("data: [DONE]\n\n"));
    CHECK(codec.whole(context_of(request), answer).find("\"text\":\"middle\"") != std::string::npos);
}

TEST_CASE("LM Studio's listing") {
    lmstudio::ModelEntry loaded;
    loaded.id = "qwen3-8b";
    loaded.publisher = "qwen";
    loaded.arch = "qwen3";
    loaded.quantization = "Q4_K_M";
    loaded.loaded = true;
    loaded.max_context_length = 40960;
    loaded.loaded_context_length = 8192;
    loaded.capabilities = {"tool_use"};
    const std::string first =
        R"({"id":"qwen3-8b","object":"model","type":"llm","publisher":"qwen","arch":"qwen3",)"
        R"("compatibility_type":"gguf","quantization":"Q4_K_M","state":"loaded","max_context_length":40960,)"
        R"("loaded_context_length":8192,"capabilities":["tool_use"]})";
    CHECK(lmstudio::encode_model(loaded) == first);
    lmstudio::ModelEntry other;
    other.id = "e";
    other.type = lmstudio::ModelEntry::Type::embeddings;
    other.loaded_context_length = 8192;  // of no meaning: it is not loaded
    const std::vector<lmstudio::ModelEntry> all = {loaded, other};
    CHECK(
        lmstudio::encode_models(all) ==
        R"({"object":"list","data":[)" + first +
            R"(,{"id":"e","object":"model","type":"embeddings","publisher":"","arch":"","compatibility_type":"gguf",)"
            R"("state":"not-loaded"}]})");
}

}  // namespace rerank_test
