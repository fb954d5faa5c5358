// Streams of the Gemini dialect, read and written.
#include <rapidcheck.h>

#include "text/sse.h"
#include "unit/wire/describe.h"
#include "unit/wire/gemini_common.h"
#include "unit/wire/generators.h"
#include "wire/gemini/signature.h"
#include "wire/gemini/stream_decoder.h"
#include "wire/gemini/stream_encoder.h"

namespace gemini_streams_test {

using namespace gemini_test;

namespace {

std::vector<Event> played(std::string_view bytes, std::size_t step, std::int64_t choices = 1) {
    gemini::StreamDecoder decoder(choices);
    std::vector<Event> events;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        const std::string piece(bytes.substr(at, step));
        decoder.feed(piece, events);
    }
    decoder.finish(events);
    CHECK(decoder.facts().failure.has_value() == std::holds_alternative<Error>(events.back()));
    return events;
}

// The same events however it is cut.
std::string story(std::string_view bytes, std::int64_t choices = 1) {
    const auto whole = wire_test::describe(played(bytes, bytes.size() + 1, choices));
    for (std::size_t step = 1; step < 20; ++step)
        CHECK(wire_test::describe(played(bytes, step, choices)) == whole);
    for (std::size_t at = 0; at <= bytes.size(); ++at) {
        gemini::StreamDecoder decoder(choices);
        std::vector<Event> events;
        decoder.feed(std::string(bytes.substr(0, at)), events);
        decoder.feed(std::string(bytes.substr(at)), events);
        decoder.finish(events);
        CHECK(wire_test::describe(events) == whole);
    }
    return whole;
}

const std::string kOne =
    R"({"candidates":[{"content":{"parts":[{"text":"Think","thought":true}],"role":"model"},"index":0}],)"
    R"("usageMetadata":{"promptTokenCount":7,"totalTokenCount":9,"thoughtsTokenCount":2},"modelVersion":"g","responseId":"r1"})";
const std::string kTwo = R"({"candidates":[{"content":{"parts":[{"text":"Hé"}],"role":"model"},"index":0}]})";
const std::string kThree =
    R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":"}]"}},"thoughtSignature":"c2ln"},)"
    R"({"functionCall":{"id":"own","name":"g"}}]},"finishReason":"STOP","index":0}],"usageMetadata":)"
    R"({"promptTokenCount":7,"candidatesTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":14,"cachedContentTokenCount":3}})";

const std::string kStory =
    "started \"r1\" \"g\" 0\nreasoning 0 \"Think\"\ntext 0 \"Hé\"\n"
    "call 0 0 \"" +
    gemini::invented_id("r1", 0) +
    "\" \"f\" \"{\\\"a\\\":\\\"}]\\\"}\" opaque \"c2ln\"\n"
    "call 0 1 \"own\" \"g\" \"{}\"\nfinish 0 tool_calls\n"
    "usage in=7 out=7 cached=3 written=? reasoning=2\ndone\n";

wire::AnswerContext context_of(const Request& request, std::string_view endpoint = "streamGenerateContent") {
    return {.request = &request, .endpoint = endpoint, .model = "gemini-x", .origin = "claude", .id = "ID"};
}

std::string written(const std::vector<Event>& events, std::string_view endpoint = "streamGenerateContent") {
    const Request request;
    const auto encoder = gemini::client_codec().stream(context_of(request, endpoint));
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

std::string chunk(std::string_view parts) {
    return R"({"candidates":[{"content":{"parts":[)" + std::string(parts) +
           R"(],"role":"model"},"index":0}],"modelVersion":"gemini-x","responseId":"ID"})";
}

}  // namespace

TEST_CASE("gemini stream: events, and the array form of the same") {
    const std::string sse =
        "data: " + kOne + "\r\n\r\ndata: " + kTwo + "\r\n\r\ndata: " + kThree + "\r\n\r\n";
    CHECK(story(sse) == kStory);
    CHECK(story("[" + kOne + "\n,\r\n" + kTwo + ",\n" + kThree + "\n]\n") == kStory);
    CHECK(story("\n\ndata: " + kOne + "\n\n: comment\n\ndata: " + kTwo + "\n\ndata: " + kThree) == kStory);
    CHECK(story("data: [" + kOne + "," + kTwo + "]\n\ndata: {\"response\":" + kThree +
                "}\n\ndata: [DONE]\n\n") == kStory);
}

TEST_CASE("gemini stream: ids of two answers differ") {
    CHECK(gemini::invented_id("r1", 0) != gemini::invented_id("r2", 0));
    CHECK(gemini::is_invented_id(gemini::invented_id("r1", 12)));
    CHECK(gemini::is_invented_id("call_7"));
    for (const auto* id :
         {"call_", "call_x7", "toolu_1", "call_0123456789abcdef_", "call_0123456789abcdeX_1", ""})
        CHECK_FALSE(gemini::is_invented_id(id));
    const std::string nameless =
        R"(data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]})"
        "\n\n";
    const auto events = played(nameless, 1000);
    CHECK(std::get<ToolCallDelta>(events.at(1)).id.size() == 23);
}

TEST_CASE("gemini stream: how it may end") {
    const auto finished = [](std::string_view reason) {
        return story(R"(data: {"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":")" +
                     std::string(reason) + "\"}]}\n\n");
    };
    const std::string begin = "started \"\" \"\" 0\ntext 0 \"x\"\n";
    CHECK(finished("STOP") == begin + "finish 0 stop\ndone\n");
    CHECK(finished("MAX_TOKENS") == begin + "finish 0 length\ndone\n");
    CHECK(finished("RECITATION") == begin + "finish 0 content_filter\ndone\n");
    CHECK(finished("SOMETHING_NEW") == begin + "finish 0 stop\ndone\n");
    CHECK(finished("MALFORMED_FUNCTION_CALL") == begin +
                                                     "error upstream_failed \"The upstream ended its answer "
                                                     "with the finish reason 'MALFORMED_FUNCTION_CALL'.\"\n");
    CHECK(finished("").find("error upstream_broken") != std::string::npos);
    CHECK(story("data: {\"candidates\":[],\"promptFeedback\":{\"blockReason\":\"SAFETY\"},\"usageMetadata\":"
                "{\"promptTokenCount\":12,\"totalTokenCount\":12}}\n\n") ==
          "started \"\" \"\" 0\nfinish 0 content_filter\nusage in=12 out=0 cached=? written=? "
          "reasoning=?\ndone\n");
    // Old models say STOP in every chunk.
    const std::string each =
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]},\"finishReason\":\"STOP\"}]}\n\n";
    CHECK(story(each + each) == begin + "text 0 \"x\"\nfinish 0 stop\ndone\n");
    CHECK(story(each, 2).find("error upstream_broken") != std::string::npos);
}

TEST_CASE("gemini stream: failures") {
    CHECK(story("data: "
                "{\"error\":{\"code\":429,\"message\":\"slow\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":"
                "[{\"retryDelay\":\"1.5s\"}]}}\n\n") ==
          "error rate_limited \"The upstream reported an error: slow\"\n");
    CHECK(story("data: " + kTwo +
                "\n\ndata: {\"error\":{\"status\":\"INVALID_ARGUMENT\",\"message\":\"bad\"}}\n\n")
              .ends_with("error upstream_rejected \"The upstream reported an error: bad\"\n"));
    CHECK(story("[{\"error\":{\"code\":503,\"message\":\"busy\"}}]") ==
          "error upstream_failed \"The upstream reported an error: busy\"\n");
    CHECK(story("data: <html>\n\n") ==
          "error upstream_broken \"Event 1 of the upstream's stream is not a JSON object.\"\n");
    CHECK(story("[7]").starts_with("error upstream_broken"));
    CHECK(story("").starts_with("error upstream_broken \"The upstream's stream ended without an answer.\""));
    CHECK(story("data: {\"candidates\":[{\"index\":128}]}\n\n").find("impossible index") !=
          std::string::npos);
    const std::string cut = "data: " + kTwo + "\n\ndata: {\"candida";
    CHECK(story(cut).ends_with(
        "error upstream_broken \"The upstream's stream was cut after event 1, before a finish reason.\"\n"));
    std::string calls;
    for (int i = 0; i < 1100; ++i) calls += R"({"functionCall":{"name":"f"}},)";
    const auto many =
        played("data: {\"candidates\":[{\"content\":{\"parts\":[" + calls + "{}]}}]}\n\n", 1 << 20);
    CHECK(std::get<Error>(many.back()).message == "The upstream's answer has more than 1024 function calls.");
}

TEST_CASE("gemini stream: citations, images, log-probabilities") {
    const std::string body =
        R"(data: {"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":"c2ln"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]},)"
        R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"web":{"uri":"https://b"}}],)"
        R"("groundingSupports":[{"segment":{"text":"said"},"groundingChunkIndices":[1,9,1]}]},)"
        R"("logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"b","logProbability":-1}]}]},)"
        R"("finishReason":"STOP"}]})"
        "\n\n";
    CHECK(story(body) ==
          "started \"\" \"\" 0\ntext 0 \"a\"\nreasoning 0 \"\" opaque \"c2ln\"\nmedia 0 image/png 4\n"
          "citation 0 \"https://b\" \"\" \"said\" -1 -1\nlogprobs 0 \"a\"=-0.5|\"b\"=-1\nfinish 0 "
          "stop\ndone\n");
}

TEST_CASE("gemini stream written: chunks as the vendor sends them") {
    const std::vector<Event> events = {Started{"x", "y", 5},
                                       ReasoningDelta{0, "hm", ""},
                                       ReasoningDelta{0, "", "sig"},
                                       TextDelta{0, "Hi"},
                                       ToolCallDelta{0, 0, "c1", "f", "{\"a\":\n", false, "op"},
                                       ToolCallDelta{0, 1, "c2", "g"},
                                       ToolCallDelta{0, 0, "", "", "1}"},
                                       Finish{0, FinishReason::tool_calls, ""},
                                       UsageEvent{{10, 7, 4, std::nullopt, 2}, {}},
                                       Done{}};
    const std::vector<std::string> chunks = {
        chunk(R"({"text":"hm","thought":true})"),
        chunk(R"({"text":"","thought":true,"thoughtSignature":")" + gemini::seal_signature("claude", "sig") +
              "\"}"),
        chunk(R"({"text":"Hi"})"),
        chunk(R"({"functionCall":{"id":"c1","name":"f","args":{"a":1}},"thoughtSignature":")" +
              gemini::seal_signature("claude", "op") +
              R"("},{"functionCall":{"id":"c2","name":"g","args":{}}})"),
        R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],)"
        R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":17,"cachedContentTokenCount":4,)"
        R"("thoughtsTokenCount":2},"modelVersion":"gemini-x","responseId":"ID"})"};
    std::string sse, array;
    for (const auto& one : chunks) {
        sse += "data: " + one + "\r\n\r\n";
        array += (array.empty() ? "[" : ",\r\n") + one;
    }
    CHECK(written(events) == sse);
    CHECK(written(events, "streamGenerateContent:array") == array + "]");
}

TEST_CASE("gemini stream written: ends without usage, and errors") {
    const ToolCallDelta call{0, 0, "c", "f", "{}"};
    CHECK(written({call}).empty());  // more of it may come
    CHECK(written({call, Finish{0, FinishReason::tool_calls, ""}}).find("functionCall") != std::string::npos);
    CHECK(written({call, Done{}}).find("functionCall") != std::string::npos);
    CHECK(written({Started{}, Finish{0, FinishReason::length, ""}, Done{}, TextDelta{0, "late"}}) ==
          "data: "
          "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\"finishReason\":"
          "\"MAX_TOKENS\",\"index\":0}],"
          "\"modelVersion\":\"gemini-x\",\"responseId\":\"ID\"}\r\n\r\n");
    const Error error{.code = Code::upstream_broken, .message = "cut"};
    CHECK(written({Started{}, error, Done{}}) ==
          "data: {\"error\":{\"code\":502,\"message\":\"cut\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n");
    const auto array = written({Started{}, TextDelta{0, "x"}, error, Done{}}, "streamGenerateContent:array");
    json::Document document;
    REQUIRE(document.parse(array));
    CHECK(document.root().size() == 2);
    CHECK(document.root().at(1)["error"]["code"].as_int() == 502);
    CHECK(written({Done{}}, "streamGenerateContent:array").ends_with("]"));
}

TEST_CASE("gemini stream written is read back") {
    CHECK(rc::check([] {
        const int choices = 1 + wire_test::draw(2);
        const auto events = wire_test::some_stream(Kind::chat, choices);
        const auto endpoint = wire_test::flip() ? "streamGenerateContent" : "streamGenerateContent:array";
        const auto bytes = written(events, endpoint);
        RC_ASSERT(bytes.find("\nevent:") == std::string::npos);
        RC_ASSERT(bytes.find("\n:") == std::string::npos);
        gemini::StreamDecoder decoder(choices);
        std::vector<Event> back;
        decoder.feed(bytes, back);
        decoder.finish(back);
        Answer before, after;
        std::array<std::string, 2> text;  // refusals are text like any other here
        for (const auto& event : events) {
            fold(before, event);
            if (const auto* delta = std::get_if<TextDelta>(&event)) text.at(delta->choice) += delta->text;
            if (const auto* delta = std::get_if<RefusalDelta>(&event)) text.at(delta->choice) += delta->text;
        }
        for (const auto& event : back) fold(after, event);
        if (after.failure) RC_FAIL(after.failure->message + " in " + bytes);
        RC_ASSERT(after.choices.size() == before.choices.size());
        for (std::size_t i = 0; i < before.choices.size(); ++i) {
            RC_ASSERT(after.choices[i].text == text.at(i));
            RC_ASSERT(after.choices[i].reasoning_text() == before.choices[i].reasoning_text());
            RC_ASSERT(after.choices[i].tool_calls.size() == before.choices[i].tool_calls.size());
        }
        RC_ASSERT(after.usage.input == before.usage.input);
    }));
}

}  // namespace gemini_streams_test
