// Whole answers: facts, failures, and the exact bytes that clients get.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/openai/answer.h"
#include "wire/openai/models.h"
#include "wire/openai/stream_encoder.h"

namespace answers_test {

using namespace wire_test;
using namespace hearth::exchange;
namespace openai = hearth::wire::openai;

namespace {

Error failure_of(Kind kind, std::string_view body) {
    json::Document scratch;
    const auto facts = openai::read_answer(kind, body, scratch);
    REQUIRE_FALSE(facts);
    const auto answer = openai::decode_answer(kind, body, scratch);
    REQUIRE_FALSE(answer);
    CHECK(answer.error()->message == facts.error()->message);
    return facts.error();
}

std::string streamed(const std::vector<Event>& events, const openai::StreamEncoderOptions& options) {
    std::string out;
    openai::ChatStreamEncoder encoder(options);
    for (const auto& event : events) encoder.write(event, out);
    return out;
}

}  // namespace

TEST_CASE("facts of a whole answer") {
    json::Document scratch;
    const auto chat = openai::read_answer(Kind::chat, R"({"id":"c","object":"chat.completion","choices":[
        {"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"length"}],
        "usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":4},
                 "completion_tokens_details":{"reasoning_tokens":1}}})",
                                          scratch);
    REQUIRE(chat);
    CHECK(chat->content);
    CHECK(chat->finish[0] == FinishReason::length);
    CHECK(chat->usage == Usage{5, 2, 4, std::nullopt, 1});
    const auto deepseek = openai::read_answer(Kind::chat, R"({"choices":[{"message":{"content":"x"}}],
        "usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":2}})",
                                              scratch);
    REQUIRE(deepseek);
    CHECK(deepseek->usage->cached_input == 3);
    const auto thinking = openai::read_answer(Kind::chat, R"({"choices":[{"message":{"content":"x"}}],
        "usage":{"prompt_tokens":7,"completion_tokens":12,"total_tokens":402}})",
                                              scratch);
    REQUIRE(thinking);
    CHECK(thinking->usage == Usage{7, 395, std::nullopt, std::nullopt, 383});
    const auto lies = openai::read_answer(Kind::chat, R"({"choices":[{"message":{"content":"x"}}],
        "usage":{"prompt_tokens":"5","completion_tokens":-2}})",
                                          scratch);
    REQUIRE(lies);
    CHECK(lies->usage == Usage{});
    const auto embedding =
        openai::read_answer(Kind::embedding, R"({"object":"list","data":[{"embedding":[1]}],
        "usage":{"prompt_tokens":3,"total_tokens":3}})",
                            scratch);
    REQUIRE(embedding);
    CHECK(embedding->usage->input == 3);
}

TEST_CASE("bodies with status 200 that are not answers are errors") {
    CHECK(failure_of(Kind::chat, "<html>Sign in</html>").code == Code::upstream_failed);
    CHECK(failure_of(Kind::chat, "").code == Code::upstream_failed);
    CHECK(failure_of(Kind::chat, "[]").code == Code::upstream_failed);
    CHECK(failure_of(Kind::chat, "{}").code == Code::upstream_failed);
    CHECK(failure_of(Kind::chat, R"({"choices":[]})").code == Code::upstream_failed);
    CHECK(failure_of(Kind::chat, R"({"choices":[7]})").code == Code::upstream_broken);
    CHECK(failure_of(Kind::chat, R"({"data":[]})").code == Code::upstream_failed);
    CHECK(failure_of(Kind::embedding, R"({"choices":[{"message":{"content":"x"}}]})").code ==
          Code::upstream_failed);
    const auto error = failure_of(Kind::chat, R"({"error":{"message":"no credit","code":429}})");
    CHECK(error.code == Code::rate_limited);
    CHECK(error.message == "The upstream reported an error: no credit");
    CHECK(failure_of(Kind::chat, R"({"object":"error","message":"vllm says no","code":400})").http_status ==
          400);
    json::Document scratch;
    CHECK_FALSE(openai::decode_answer(Kind::embedding, R"({"data":[{"embedding":"AAA"}]})", scratch));
    CHECK_FALSE(openai::decode_answer(Kind::embedding, R"({"data":[{"embedding":["x"]}]})", scratch));
    CHECK(openai::decode_answer(Kind::embedding, R"({"data":[{"embedding":"AACAPw=="}]})", scratch)
              ->embeddings[0]
              .values == std::vector<float>{1.0F});
}

TEST_CASE("whole answers as written") {
    Answer answer{.id = "c1", .model = "m", .created_s = 5};
    answer.choices.push_back({.reasoning = {{"hm", {}}}, .text = "hi", .finish = FinishReason::stop});
    answer.usage = {.input = 3, .output = 2, .cached_input = 1};
    CHECK(openai::encode_answer(Kind::chat, answer) ==
          R"({"id":"c1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":)"
          R"({"role":"assistant","content":"hi","reasoning_content":"hm","refusal":null},"logprobs":null,)"
          R"("finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,)"
          R"("prompt_tokens_details":{"cached_tokens":1}}})");
    CHECK(
        openai::encode_answer(Kind::completion, answer) ==
        R"({"id":"c1","object":"text_completion","created":5,"model":"m","choices":[{"index":0,"text":"hi",)"
        R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,)"
        R"("prompt_tokens_details":{"cached_tokens":1}}})");
    answer.choices = {{.tool_calls = {{"i", "f", "{}", false, {}}}, .finish = FinishReason::tool_calls}};
    answer.usage = {};
    const auto head =
        std::string(
            R"({"id":"c1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,)") +
        R"("message":{"role":"assistant","content":null,"refusal":null,)";
    CHECK(
        openai::encode_answer(Kind::chat, answer) ==
        head +
            R"("tool_calls":[{"id":"i","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":null,)"
            R"("finish_reason":"tool_calls"}]})");
    CHECK(
        openai::encode_answer(Kind::chat, answer, {.legacy_functions = true}) ==
        head +
            R"("function_call":{"name":"f","arguments":"{}"}},"logprobs":null,"finish_reason":"function_call"}]})");
    Answer embedding{.model = "e"};
    embedding.embeddings.push_back({0, {1.0F, -0.1F}});
    embedding.usage.input = 2;
    CHECK(openai::encode_answer(Kind::embedding, embedding) ==
          R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,-0.1]}],"model":"e",)"
          R"("usage":{"prompt_tokens":2,"total_tokens":2}})");
    CHECK(
        openai::encode_answer(Kind::embedding, embedding, {.base64 = true}) ==
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAP83MzL0="}],"model":"e",)"
        R"("usage":{"prompt_tokens":2,"total_tokens":2}})");
}

TEST_CASE("a chat stream as written") {
    const std::vector<Event> events = {
        Started{"c1", "m", 5}, TextDelta{0, "hi"}, Finish{0, FinishReason::stop},
        UsageEvent{{.input = 3, .output = 2}, Timings{1, 2, 2, 4.0, 8.0}}, Done{}};
    const std::string head =
        R"(data: {"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","choices":[)";
    const std::string role =
        R"({"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}])";
    const std::string text = R"({"index":0,"delta":{"content":"hi"},"logprobs":null,"finish_reason":null}])";
    const std::string stop = R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}])";
    const std::string timings =
        R"("timings":{"cache_n":1,"prompt_n":2,"prompt_ms":4,"prompt_per_token_ms":2,"prompt_per_second":500,)"
        R"("predicted_n":2,"predicted_ms":8,"predicted_per_token_ms":4,"predicted_per_second":250}})";
    CHECK(streamed(events, {}) == head + role + "}\n\n" + head + text + "}\n\n" + head + stop + "," +
                                      timings + "\n\n" + "data: [DONE]\n\n");
    const std::string null = ",\"usage\":null}\n\n";
    CHECK(streamed(events, {.include_usage = true, .timings = false}) ==
          head + role + null + head + text + null + head + stop + null + head +
              R"(],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})" +
              "\n\ndata: [DONE]\n\n");
}

TEST_CASE("a stream that fails ends in an error event, without a finish and without [DONE]") {
    const std::vector<Event> events = {Started{"c1", "m", 5},
                                       TextDelta{0, "hi"},
                                       Finish{0, FinishReason::stop},
                                       Error{.code = Code::upstream_broken, .message = "cut"},
                                       Done{},
                                       TextDelta{0, "late"}};
    const auto out = streamed(events, {});
    CHECK(
        out.ends_with("data: {\"error\":{\"message\":\"cut\",\"type\":\"server_error\",\"param\":null,"
                      "\"code\":\"upstream_broken\"}}\n\n"));
    CHECK(out.find("[DONE]") == std::string::npos);
    CHECK(out.find("\"finish_reason\":\"stop\"") == std::string::npos);
}

TEST_CASE("legacy clients get function_call") {
    const auto out =
        streamed({Started{"c1", "m", 5}, ToolCallDelta{0, 0, "i", "f", "{", false},
                  ToolCallDelta{0, 0, "", "", "}", false}, ToolCallDelta{0, 1, "j", "g", "{}", false},
                  Finish{0, FinishReason::tool_calls}, Done{}},
                 {.legacy_functions = true});
    CHECK(out.find(R"("delta":{"function_call":{"name":"f","arguments":"{"}})") != std::string::npos);
    CHECK(out.find(R"("delta":{"function_call":{"arguments":"}"}})") != std::string::npos);
    CHECK(out.find(R"("finish_reason":"function_call")") != std::string::npos);
    CHECK(out.find("\"g\"") == std::string::npos);
}

TEST_CASE("the list of models") {
    const openai::ModelEntry models[] = {{.id = "local", .created_s = 5, .owned_by = "hearth"},
                                         {.id = "a/b",
                                          .created_s = 6,
                                          .owned_by = "a",
                                          .context_length = 32768,
                                          .max_output_tokens = 8,
                                          .place = "cloud",
                                          .capabilities = {"chat", "tools"},
                                          .state = "available"}};
    const std::string first = R"({"id":"local","object":"model","created":5,"owned_by":"hearth"})";
    CHECK(openai::encode_model(models[0]) == first);
    CHECK(
        openai::encode_models(models) ==
        R"({"object":"list","data":[)" + first +
            R"(,{"id":"a/b","object":"model","created":6,"owned_by":"a","context_length":32768,"max_output_tokens":8,)"
            R"("place":"cloud","state":"available","capabilities":["chat","tools"]}]})");
}

}  // namespace answers_test
