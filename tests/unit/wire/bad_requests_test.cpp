// Bad requests and the field that their error names.
#include <doctest/doctest.h>

#include <span>

#include "base/limits.h"
#include "wire/openai/request.h"

namespace bad_requests_test {

using namespace hearth;
using exchange::Kind;
namespace openai = hearth::wire::openai;

namespace {

struct Bad {
    const char* body;
    const char* param;
    const char* says;  // a piece of the message
};

Error refused(std::string_view body, Kind kind) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = openai::decode_request(kind, document);
    REQUIRE_FALSE(request);
    CHECK(request.error()->code == Code::invalid_request);
    return request.error();
}

void check_all(std::span<const Bad> table, Kind kind, std::string_view before = "",
               std::string_view after = "") {
    for (const auto& bad : table) {
        const auto body = std::string(before) + bad.body + std::string(after);
        CAPTURE(body);
        const auto error = refused(body, kind);
        CHECK(error.param == bad.param);
        CAPTURE(error.message);
        CHECK(error.message.find(bad.says) != std::string::npos);
    }
}

}  // namespace

TEST_CASE("bad chat requests") {
    static constexpr Bad kTable[] = {
        {R"([])", "", "must be a JSON object"},      {R"("x")", "", "must be a JSON object"},
        {R"({})", "messages", "is required"},        {R"({"messages":{}})", "messages", "array"},
        {R"({"messages":[]})", "messages", "empty"}, {R"({"messages":null})", "messages", "array"},
    };
    check_all(kTable, Kind::chat);
}

TEST_CASE("bad fields of a chat request") {
    static constexpr Bad kTable[] = {
        {R"("model":7)", "model", "string"},
        {R"("stream":"yes")", "stream", "boolean"},
        {R"("stream_options":true)", "stream_options", "object"},
        {R"("stream_options":{"include_usage":1})", "stream_options.include_usage", "boolean"},
        {R"("n":0)", "n", "at least 1"},
        {R"("n":17)", "n", "at most 16"},
        {R"("n":1.5)", "n", "integer"},
        {R"("temperature":"hot")", "temperature", "number"},
        {R"("temperature":2.5)", "temperature", "between 0 and 2"},
        {R"("temperature":1e999)", "temperature", "number"},
        {R"("top_p":-0.1)", "top_p", "between 0 and 1"},
        {R"("presence_penalty":3)", "presence_penalty", "between -2 and 2"},
        {R"("seed":"x")", "seed", "integer"},
        {R"("max_tokens":-2)", "max_tokens", "at least -1"},
        {R"("max_completion_tokens":"9")", "max_completion_tokens", "integer"},
        {R"("stop":7)", "stop", "string or an array of strings"},
        {R"("stop":["a",7])", "stop[1]", "string"},
        {R"("logit_bias":[])", "logit_bias", "object"},
        {R"("logit_bias":{"x":1})", "logit_bias.x", "token ids"},
        {R"("logit_bias":{"1":101})", "logit_bias.1", "between -100 and 100"},
        {R"("logprobs":2)", "logprobs", "boolean"},
        {R"("top_logprobs":21)", "top_logprobs", "at most 20"},
        {R"("user":{})", "user", "string"},
        {R"("keep_alive":"soon")", "keep_alive", "duration"},
        {R"("keep_alive":[])", "keep_alive", "duration"},
        {R"("num_ctx":0)", "num_ctx", "at least 1"},
        {R"("tools":{})", "tools", "array"},
        {R"("tools":[7])", "tools[0]", "object"},
        {R"("tools":[{}])", "tools[0].type", "is required"},
        {R"("tools":[{"type":"function"}])", "tools[0].function", "is required"},
        {R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name", "is required"},
        {R"("tools":[{"type":"function","function":{"name":""}}])", "tools[0].function.name", "empty"},
        {R"("tools":[{"type":"function","function":{"name":"f","parameters":"{}"}}])",
         "tools[0].function.parameters", "object"},
        {R"("tools":[{"type":"custom","custom":{"name":"f","format":7}}])", "tools[0].custom.format",
         "object"},
        {R"("tool_choice":"always")", "tool_choice", "'none', 'auto', 'required'"},
        {R"("tool_choice":7)", "tool_choice", "string or an object"},
        {R"("tool_choice":{"type":"x"})", "tool_choice.type", "allowed_tools"},
        {R"("tool_choice":{"type":"function"})", "tool_choice.function", "is required"},
        {R"("tool_choice":{"type":"function","function":{"name":"f"}})", "tool_choice",
         "not among the tools"},
        {R"("tool_choice":"required")", "tool_choice", "there are no tools"},
        {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})",
         "tool_choice.allowed_tools.tools", "entries"},
        {R"("functions":[{"name":7}])", "functions[0].name", "string"},
        {R"("function_call":{"name":"f"},"functions":[{"name":"g"}])", "function_call",
         "not among the tools"},
        {R"("parallel_tool_calls":1)", "parallel_tool_calls", "boolean"},
        {R"("response_format":"json")", "response_format", "object"},
        {R"("response_format":{})", "response_format.type", "is required"},
        {R"("response_format":{"type":"json_schema"})", "response_format.json_schema", "is required"},
        {R"("response_format":{"type":"json_schema","json_schema":{"name":"n"}})",
         "response_format.json_schema.schema", "is required"},
        {R"("reasoning_effort":3)", "reasoning_effort", "string"},
    };
    check_all(kTable, Kind::chat, R"({"messages":[{"role":"user","content":"q"}],)", "}");
}

TEST_CASE("bad messages") {
    static constexpr Bad kTable[] = {
        {R"("hi")", "messages[1]", "object"},
        {R"({"content":"x"})", "messages[1].role", "is required"},
        {R"({"role":3,"content":"x"})", "messages[1].role", "string"},
        {R"({"role":"robot","content":"x"})", "messages[1].role", "one of"},
        {R"({"role":"user"})", "messages[1].content", "is required"},
        {R"({"role":"user","content":null})", "messages[1].content", "string or an array of parts"},
        {R"({"role":"user","content":7})", "messages[1].content", "string or an array of parts"},
        {R"({"role":"user","content":"x","name":7})", "messages[1].name", "string"},
        {R"({"role":"user","content":["x"]})", "messages[1].content[0]", "object"},
        {R"({"role":"user","content":[{"text":"x"}]})", "messages[1].content[0].type", "is required"},
        {R"({"role":"user","content":[{"type":"text"}]})", "messages[1].content[0].text", "is required"},
        {R"({"role":"user","content":[{"type":"text","text":null}]})", "messages[1].content[0].text",
         "string"},
        {R"({"role":"user","content":[{"type":"image_url"}]})", "messages[1].content[0].image_url",
         "is required"},
        {R"({"role":"user","content":[{"type":"image_url","image_url":{}}]})",
         "messages[1].content[0].image_url.url", "is required"},
        {R"({"role":"user","content":[{"type":"image_url","image_url":""}]})",
         "messages[1].content[0].image_url", "empty"},
        {R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"x"}}]})",
         "messages[1].content[0].input_audio.format", "is required"},
        {R"({"role":"user","content":[{"type":"file","file":{}}]})", "messages[1].content[0].file",
         "file_id"},
        {R"({"role":"user","content":"x","tool_calls":[{}]})", "messages[1].tool_calls", "assistant"},
        {R"({"role":"tool","content":"x","tool_call_id":7})", "messages[1].tool_call_id", "string"},
        {R"({"role":"assistant","tool_calls":{}})", "messages[1].tool_calls", "array"},
        {R"({"role":"assistant","tool_calls":[{"type":"magic"}]})", "messages[1].tool_calls[0].type",
         "'custom'"},
        {R"({"role":"assistant","tool_calls":[{"type":"function"}]})", "messages[1].tool_calls[0].function",
         "is required"},
        {R"({"role":"assistant","tool_calls":[{"function":{}}]})", "messages[1].tool_calls[0].function.name",
         "is required"},
        {R"({"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":7}}]})",
         "messages[1].tool_calls[0].function.arguments", "string"},
        {R"({"role":"assistant","function_call":"f"})", "messages[1].function_call", "object"},
        {R"({"role":"assistant","refusal":7})", "messages[1].refusal", "string"},
    };
    check_all(kTable, Kind::chat, R"({"messages":[{"role":"user","content":"q"},)", "]}");
}

TEST_CASE("bad completion requests") {
    static constexpr Bad kTable[] = {
        {R"({})", "prompt", "is required"},
        {R"({"prompt":null})", "prompt", "string"},
        {R"({"prompt":[]})", "prompt", "empty"},
        {R"({"prompt":[1,"x"]})", "prompt[1]", "integer"},
        {R"({"prompt":[1,null]})", "prompt[1]", "token id"},
        {R"({"prompt":[-1]})", "prompt[0]", "at least 0"},
        {R"({"prompt":[[]]})", "prompt[0]", "empty"},
        {R"({"prompt":["x",{}]})", "prompt[1]", "string or an array"},
        {R"({"prompt":"x","suffix":7})", "suffix", "string"},
        {R"({"prompt":"x","logprobs":true})", "logprobs", "integer"},
        {R"({"prompt":["a","b","c","d","e","f","g","h","i"],"n":16})", "n", "128"},
    };
    check_all(kTable, Kind::completion);
}

TEST_CASE("bad embedding requests") {
    static constexpr Bad kTable[] = {
        {R"({"model":"e"})", "input", "is required"},
        {R"({"input":{}})", "input", "string"},
        {R"({"input":[]})", "input", "empty"},
        {R"({"input":"x","encoding_format":"hex"})", "encoding_format", "base64"},
        {R"({"input":"x","dimensions":0})", "dimensions", "at least 1"},
    };
    check_all(kTable, Kind::embedding);
}

TEST_CASE("counts over their limits") {
    const auto list = [](std::size_t count, std::string_view one) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i) out += (i > 0 ? "," : "") + std::string(one);
        return "[" + out + "]";
    };
    const auto message = R"({"role":"user","content":"q"})";
    CHECK(refused("{\"messages\":" + list(limits::kMessages + 1, message) + "}", Kind::chat).param ==
          "messages");
    const std::string chat = R"({"messages":[{"role":"user","content":"q"}],)";
    const auto tool = R"({"type":"function","function":{"name":"f"}})";
    CHECK(refused(chat + "\"tools\":" + list(limits::kTools + 1, tool) + "}", Kind::chat).param == "tools");
    CHECK(refused(chat + "\"stop\":" + list(limits::kStops + 1, "\"s\"") + "}", Kind::chat).param == "stop");
    CHECK(refused(chat + "\"model\":\"" + std::string(limits::kModelNameBytes + 1, 'm') + "\"}", Kind::chat)
              .param == "model");
    CHECK(refused("{\"input\":" + list(limits::kEmbeddingInputs + 1, "\"i\"") + "}", Kind::embedding).param ==
          "input");
}

}  // namespace bad_requests_test
