// What clients of Ollama send and what the form holds of it.
#include <doctest/doctest.h>

#include "base/limits.h"
#include "wire/ollama/request.h"

namespace ollama_requests_test {

using namespace hearth;
using namespace hearth::exchange;
namespace ollama = hearth::wire::ollama;

namespace {

Result<Request> tried(std::string_view endpoint, std::string_view body) {
    json::Document document;
    REQUIRE(document.parse(body));
    wire::Call call;
    call.endpoint = endpoint;
    return ollama::decode_request(call, document);
}

Request decoded(std::string_view endpoint, std::string_view body) {
    auto request = tried(endpoint, body);
    INFO((request ? std::string() : request.error()->message));
    REQUIRE(request);
    CHECK(request->dialect == Dialect::ollama);
    return std::move(*request);
}

template <class T>
const T& part(const Turn& turn, std::size_t index) {
    REQUIRE(turn.parts.size() > index);
    REQUIRE(std::holds_alternative<T>(turn.parts[index]));
    return std::get<T>(turn.parts[index]);
}

}  // namespace

TEST_CASE("ollama: a chat with everything in it") {
    const auto r = decoded("chat", R"({"model":"qwen3:8b","keep_alive":"10m","think":"high","truncate":false,
        "format":{"type":"object"},"logprobs":true,"top_logprobs":2,
        "options":{"num_ctx":32768,"num_predict":64,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.05,"seed":7,
                   "stop":["a","b"],"repeat_penalty":1.1,"presence_penalty":1,"frequency_penalty":-1,"num_gpu":99},
        "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
        "messages":[{"role":"System","content":"s"},{"role":"user","content":"look","images":["iVBORw0K","/9j/4AAQ"]},
        {"role":"assistant","content":"","thinking":"hm","tool_calls":[{"id":"c1","function":{"name":"f",
            "arguments":{"a" : 1},"index":0}},{"function":{"name":"g","arguments":"{}"}}]},
        {"role":"tool","tool_name":"g","content":"G"},{"role":"tool","tool_call_id":"c1","content":"F"}]})");
    CHECK(r.kind == Kind::chat);
    CHECK(r.model == "qwen3:8b");
    CHECK(r.stream);
    CHECK(r.keep_alive_s == 600);
    CHECK(r.context_tokens == 32768);
    const auto& s = r.sampling;
    CHECK(s.max_tokens == 64);
    CHECK(s.temperature == 0.5);
    CHECK(s.top_p == 0.9);
    CHECK(s.top_k == 40);
    CHECK(s.min_p == 0.05);
    CHECK(s.seed == 7);
    CHECK(s.stop == std::vector<std::string>{"a", "b"});
    CHECK(s.repeat_penalty == 1.1);
    CHECK(s.presence_penalty == 1.0);
    CHECK(s.frequency_penalty == -1.0);
    CHECK(s.logprobs);
    CHECK(s.top_logprobs == 2);
    CHECK(r.extra == std::vector<RawField>{{"truncate", "false"}, {"options.num_gpu", "99"}});
    const auto& chat = r.chat();
    CHECK(chat.thinking.mode == Thinking::Mode::adaptive);
    CHECK(chat.reasoning_effort == "high");
    REQUIRE(chat.response_format);
    CHECK(chat.response_format->kind == ResponseFormat::Kind::json_schema);
    CHECK(chat.response_format->schema == R"({"type":"object"})");
    REQUIRE(chat.tools.size() == 1);
    CHECK(chat.tools[0].parameters == R"({"type":"object"})");
    REQUIRE(chat.turns.size() == 5);
    CHECK(chat.turns[0].role == Role::system);
    CHECK(part<Text>(chat.turns[1], 0).text == "look");
    CHECK(part<Image>(chat.turns[1], 1).media_type == "image/png");
    CHECK(part<Image>(chat.turns[1], 2).media_type == "image/jpeg");
    CHECK(part<Reasoning>(chat.turns[2], 0).text == "hm");
    CHECK(part<ToolCall>(chat.turns[2], 1).arguments == R"({"a" : 1})");
    CHECK(part<ToolCall>(chat.turns[2], 2).id == "call_tool_1");
    CHECK(chat.turns[3].tool_call_id == "call_tool_1");
    CHECK(chat.turns[4].tool_call_id == "c1");
    CHECK(chat.turns[4].name == "f");
}

TEST_CASE("ollama: results without ids are matched to open calls by name, then by order") {
    const auto r = decoded("chat", R"({"messages":[
        {"role":"assistant","tool_calls":[{"function":{"name":"f"}},{"function":{"name":"g"}},{"function":{"name":"f"}}]},
        {"role":"tool","tool_name":"f","content":"1"},{"role":"tool","tool_name":"f","content":"2"},
        {"role":"tool","content":"3"},{"role":"tool","content":"nobody waits"}]})");
    const auto& turns = r.chat().turns;
    CHECK(part<ToolCall>(turns[0], 0).arguments == "{}");
    CHECK(turns[1].tool_call_id == "call_tool_0");
    CHECK(turns[2].tool_call_id == "call_tool_2");
    CHECK(turns[3].tool_call_id == "call_tool_1");
    CHECK(turns[3].name == "g");
    CHECK(turns[4].tool_call_id.empty());
}

TEST_CASE("ollama: generate is a chat, unless no template is to be applied") {
    const auto chat =
        decoded("generate", R"({"model":"m","system":"s","prompt":"p","images":["iVBOR"],"think":false,
        "format":"json","context":[1,2],"stream":false})");
    CHECK(chat.kind == Kind::chat);
    CHECK_FALSE(chat.stream);
    REQUIRE(chat.chat().turns.size() == 2);
    CHECK(part<Text>(chat.chat().turns[0], 0).text == "s");
    CHECK(part<Text>(chat.chat().turns[1], 0).text == "p");
    CHECK(part<Image>(chat.chat().turns[1], 1).data == "iVBOR");
    CHECK(chat.chat().thinking.mode == Thinking::Mode::off);
    CHECK(chat.chat().reasoning_effort == "none");
    CHECK(chat.chat().response_format->kind == ResponseFormat::Kind::json_object);
    CHECK(chat.extra == std::vector<RawField>{{"context", "[1,2]"}});

    const auto fill =
        decoded("generate", R"({"model":"m","prompt":"a","suffix":"b","options":{"num_predict":-1}})");
    CHECK(fill.kind == Kind::completion);
    CHECK(fill.completion().suffix == "b");
    CHECK(std::get<std::string>(fill.completion().prompts.at(0)) == "a");
    CHECK_FALSE(fill.sampling.max_tokens);

    const auto raw = decoded("generate", R"({"prompt":"<PRE>a<SUF>b","suffix":"b","raw":true,"system":"s"})");
    CHECK(raw.kind == Kind::completion);
    CHECK_FALSE(raw.completion().suffix);
    CHECK(raw.extra == std::vector<RawField>{{"system", R"("s")"}});
    CHECK(decoded("generate", R"({"prompt":"p","suffix":"","raw":false})").kind == Kind::chat);
}

TEST_CASE("ollama: without a prompt the model is loaded or unloaded") {
    CHECK(ollama::is_load(decoded("chat", R"({"model":"m"})")));
    CHECK(ollama::is_load(decoded("chat", R"({"model":"m","messages":[]})")));
    CHECK(ollama::is_load(decoded("generate", R"({"model":"m"})")));
    CHECK(ollama::is_load(decoded("generate", R"({"model":"m","prompt":"","system":"s"})")));
    CHECK(ollama::is_load(decoded("generate", R"({"model":"m","raw":true})")));
    CHECK_FALSE(ollama::is_load(decoded("generate", R"({"model":"m","suffix":"rest of the file"})")));
    CHECK_FALSE(ollama::is_load(decoded("generate", R"({"model":"m","prompt":"p"})")));
    CHECK_FALSE(ollama::is_unload(decoded("generate", R"({"model":"m","keep_alive":-1})")));
    CHECK(ollama::is_unload(decoded("generate", R"({"model":"m","keep_alive":0})")));
    CHECK(ollama::is_unload(decoded("chat", R"({"model":"m","keep_alive":"0s"})")));
    CHECK_FALSE(ollama::is_unload(decoded("generate", R"({"model":"m","prompt":"p","keep_alive":0})")));
}

TEST_CASE("ollama: embeddings, new and old") {
    const auto one = decoded("embed", R"({"model":"m","input":"a","dimensions":64,"truncate":true})");
    CHECK(one.kind == Kind::embedding);
    CHECK_FALSE(one.stream);
    CHECK(one.embedding().inputs.size() == 1);
    CHECK(one.embedding().dimensions == 64);
    CHECK(one.extra == std::vector<RawField>{{"truncate", "true"}});
    CHECK(decoded("embed", R"({"input":["a","b"]})").embedding().inputs.size() == 2);
    const auto old = decoded("embeddings", R"({"model":"m","prompt":"p"})");
    CHECK(std::get<std::string>(old.embedding().inputs.at(0)) == "p");
}

TEST_CASE("ollama: bad requests name the field") {
    struct Bad {
        std::string_view endpoint, body, param, message;
    };
    static constexpr Bad kBad[] = {
        {"chat", R"([1])", "", "The request's body must be a JSON object."},
        {"chat", R"({"messages":{}})", "messages", "'messages' must be array of messages, but is an object."},
        {"chat", R"({"messages":[{"role":"robot"}]})", "messages[0].role",
         "'messages[0].role' must be one of 'system', 'user', 'assistant' and 'tool'."},
        {"chat", R"({"messages":[{"role":"user","content":[]}]})", "messages[0].content", ""},
        {"chat", R"({"messages":[{"role":"user","images":[1]}]})", "messages[0].images[0]", ""},
        {"chat", R"({"messages":[{"role":"user","tool_calls":[{"function":{"name":"f"}}]}]})",
         "messages[0].tool_calls", "Only messages with the role 'assistant' may have 'tool_calls'."},
        {"chat",
         R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":[]}}]}]})",
         "messages[0].tool_calls[0].function.arguments", ""},
        {"chat", R"({"think":"hard"})", "think",
         "'think' must be true, false or one of 'low', 'medium', 'high' and 'max'."},
        {"chat", R"({"format":"yaml"})", "format", "'format' must be \"json\" or a JSON schema."},
        {"chat", R"({"options":{"temperature":"hot"}})", "options.temperature", ""},
        {"chat", R"({"options":{"num_ctx":0}})", "options.num_ctx",
         "'options.num_ctx' is 0, but must be at least 1."},
        {"chat", R"({"options":{"stop":[1]}})", "options.stop[0]", ""},
        {"chat", R"({"keep_alive":"soon"})", "keep_alive", ""},
        {"generate", R"({"prompt":1})", "prompt", ""},
        {"generate", R"({"raw":"yes"})", "raw", ""},
        {"embed", R"({})", "input", ""},
        {"embed", R"({"input":[]})", "input", "'input' must not be empty."},
        {"embed", R"({"input":[1]})", "input[0]", ""},
        {"embeddings", R"({"prompt":["a","b"]})", "prompt",
         "'prompt' must be one string; /api/embed takes several."},
    };
    for (const auto& bad : kBad) {
        CAPTURE(bad.body);
        const auto request = tried(bad.endpoint, bad.body);
        REQUIRE_FALSE(request);
        CHECK(request.error()->code == Code::invalid_request);
        CHECK(request.error()->param == bad.param);
        CHECK_FALSE(request.error()->message.empty());
        if (!bad.message.empty()) CHECK(request.error()->message == bad.message);
    }
    std::string many = R"({"messages":[)";
    for (std::size_t i = 0; i <= limits::kMessages; ++i) many += i == 0 ? "{}" : ",{}";
    const auto request = tried("chat", many + "]}");
    REQUIRE_FALSE(request);
    CHECK(request.error()->message == "'messages' has 20001 entries, but may have 20000.");
}

}  // namespace ollama_requests_test
