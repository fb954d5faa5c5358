// Bad requests of the Responses dialect and the field that their error names.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "wire/responses/request.h"

namespace responses_bad_requests_test {

using namespace hearth;
namespace responses = hearth::wire::responses;

namespace {

struct Bad {
    const char* body;
    const char* param;
    const char* says;  // a piece of the message
};

void check_all(std::span<const Bad> table, std::string_view before = "", std::string_view after = "") {
    for (const auto& bad : table) {
        const auto body = std::string(before) + bad.body + std::string(after);
        CAPTURE(body);
        json::Document document;
        REQUIRE(document.parse(body));
        const auto request = responses::decode_request(exchange::Kind::chat, document);
        REQUIRE_FALSE(request);
        CHECK(request.error()->code == Code::invalid_request);
        CHECK(request.error()->param == bad.param);
        CAPTURE(request.error()->message);
        CHECK(request.error()->message.find(bad.says) != std::string::npos);
    }
}

std::string many(int count, std::string_view one) {
    std::string out = "[";
    for (int i = 0; i < count; ++i) out.append(i > 0 ? "," : "").append(one);
    return out + "]";
}

}  // namespace

TEST_CASE("responses: bad bodies") {
    static constexpr Bad kTable[] = {
        {R"([])", "", "must be a JSON object"},
        {R"({})", "input", "is required"},
        {R"({"input":null})", "input", "is required"},
        {R"({"input":7})", "input", "array of items"},
        {R"({"input":[]})", "input", "at least one"},
        {R"({"input":[{"type":"additional_tools","tools":[]}]})", "input", "at least one"},
        {R"({"input":"x","model":7})", "model", "string"},
        {R"({"input":"x","stream":"yes"})", "stream", "boolean"},
        {R"({"input":"x","max_output_tokens":0})", "max_output_tokens", "at least 1"},
        {R"({"input":"x","temperature":3})", "temperature", "between 0 and 2"},
        {R"({"input":"x","top_logprobs":21})", "top_logprobs", "at most 20"},
        {R"({"input":"x","include":"a"})", "include", "array"},
        {R"({"input":"x","include":[1]})", "include[0]", "string"},
        {R"({"input":"x","instructions":["a"]})", "instructions", "string"},
        {R"({"input":"x","reasoning":"high"})", "reasoning", "object"},
        {R"({"input":"x","reasoning":{"effort":1}})", "reasoning.effort", "string"},
        {R"({"input":"x","text":{"verbosity":1}})", "text.verbosity", "string"},
        {R"({"input":"x","text":{"format":{}}})", "text.format.type", "is required"},
        {R"({"input":"x","text":{"format":{"type":"json_schema","name":"n"}}})", "text.format.schema",
         "is required"},
        {R"({"input":"x","previous_response_id":1})", "previous_response_id", "string"},
        {R"({"input":"x","stream_options":1})", "stream_options", "object"},
    };
    check_all(kTable);
}

TEST_CASE("responses: bad items") {
    static constexpr Bad kTable[] = {
        {R"(7)", "input[0]", "object"},
        {R"({})", "input[0].type", "is required"},
        {R"({"type":1})", "input[0].type", "string"},
        {R"({"role":"tool","content":"x"})", "input[0].role", "must be one of"},
        {R"({"type":"message","content":"x"})", "input[0].role", "is required"},
        {R"({"role":"user"})", "input[0].content", "is required"},
        {R"({"role":"user","content":7})", "input[0].content", "array of parts"},
        {R"({"role":"user","content":[1]})", "input[0].content[0]", "object"},
        {R"({"role":"user","content":[{}]})", "input[0].content[0].type", "is required"},
        {R"({"role":"user","content":[{"type":"input_text"}]})", "input[0].content[0].text", "is required"},
        {R"({"role":"user","content":[{"type":"input_image"}]})", "input[0].content[0]", "image_url"},
        {R"({"role":"user","content":[{"type":"input_image","image_url":7}]})",
         "input[0].content[0].image_url", "string"},
        {R"({"role":"user","content":[{"type":"input_file"}]})", "input[0].content[0]", "file_id"},
        {R"({"type":"function_call","name":"f"})", "input[0].call_id", "is required"},
        {R"({"type":"function_call","call_id":"c"})", "input[0].name", "is required"},
        {R"({"type":"function_call","call_id":"c","name":"f","arguments":1})", "input[0].arguments",
         "string"},
        {R"({"type":"custom_tool_call","call_id":"c","name":"f","input":{}})", "input[0].input", "string"},
        {R"({"type":"function_call_output","output":"x"})", "input[0].call_id", "is required"},
        {R"({"type":"function_call_output","call_id":"c"})", "input[0].output", "is required"},
        {R"({"type":"reasoning","summary":"x"})", "input[0].summary", "array"},
        {R"({"type":"reasoning","summary":[{"text":1}]})", "input[0].summary[0].text", "string"},
        {R"({"type":"reasoning","encrypted_content":1})", "input[0].encrypted_content", "string"},
        {R"({"type":"additional_tools"})", "input[0].tools", "is required"},
        {R"({"type":"additional_tools","tools":[{"type":"function"}]})", "input[0].tools[0].name",
         "is required"},
    };
    check_all(kTable, R"({"input":[)", "]}");
}

TEST_CASE("responses: bad tools and choices") {
    static constexpr Bad kTools[] = {
        {R"("tools":{})", "tools", "array"},
        {R"("tools":[1])", "tools[0]", "object"},
        {R"("tools":[{"name":"f"}])", "tools[0].type", "is required"},
        {R"("tools":[{"type":"function"}])", "tools[0].name", "is required"},
        {R"("tools":[{"type":"function","name":"f","parameters":[]}])", "tools[0].parameters", "object"},
        {R"("tools":[{"type":"custom","name":"f","format":"x"}])", "tools[0].format", "object"},
        {R"("tools":[{"type":"namespace","name":"n"}])", "tools[0].tools", "is required"},
        {R"("tools":[{"type":"namespace","name":"n","tools":[{"type":"web_search"}]}])",
         "tools[0].tools[0].type", "'function' or 'custom'"},
        {R"("tool_choice":"any")", "tool_choice", "'none', 'auto', 'required'"},
        {R"("tool_choice":"required")", "tool_choice", "no tools"},
        {R"("tool_choice":{"type":"function","name":"f"})", "tool_choice", "not among the tools"},
        {R"("tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]})", "tool_choice.tools", "1 to"},
    };
    check_all(kTools, R"({"input":"x",)", "}");
}

TEST_CASE("responses: counts over their limits") {
    const auto items = R"({"input":)" + many(20'001, R"({"role":"user","content":"x"})") + "}";
    const auto tools = R"({"input":"x","tools":)" + many(2'049, R"({"type":"x"})") + "}";
    const auto spread = R"({"input":"x","tools":)" +
                        many(3, R"({"type":"namespace","name":"n","tools":)" +
                                    many(1'000, R"({"type":"function","name":"f"})") + "}") +
                        "}";
    const auto allowed = R"({"input":"x","tools":[{"type":"namespace","name":"n","tools":)" +
                         many(1'000, R"({"type":"function","name":"f"})") +
                         R"(}],"tool_choice":{"type":"allowed_tools","tools":)" +
                         many(3, R"({"type":"namespace","name":"n"})") + "}}";
    const auto parts = R"({"input":[{"role":"user","content":)" + many(4'097, R"({"type":"x"})") + "}]}";
    const auto name =
        R"({"input":"x","tools":[{"type":"function","name":")" + std::string(257, 'n') + "\"}]}";
    const Bad table[] = {{items.c_str(), "input", "20001 entries"},
                         {tools.c_str(), "tools", "2049 entries"},
                         {spread.c_str(), "tools[2].tools[48]", "2049 entries"},
                         {allowed.c_str(), "tool_choice.tools", "2048"},
                         {parts.c_str(), "input[0].content", "4097 parts"},
                         {name.c_str(), "tools[0].name", "257 bytes"}};
    check_all(table);
}

}  // namespace responses_bad_requests_test
