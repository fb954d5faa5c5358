// Namespaces: flattened for other dialects, and back.
#include <doctest/doctest.h>

#include "wire/responses/names.h"
#include "wire/responses/request.h"

namespace responses_names_test {

using namespace hearth;
using namespace hearth::exchange;
namespace responses = hearth::wire::responses;

namespace {

Request decoded(std::string_view body) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = responses::decode_request(Kind::chat, document);
    INFO((request ? std::string() : request.error()->message));
    REQUIRE(request);
    return std::move(*request);
}

std::vector<std::string> names(const Request& request) {
    std::vector<std::string> out;
    for (const auto& tool : request.chat().tools) out.push_back(tool.name);
    return out;
}

}  // namespace

TEST_CASE("responses: flat names fit every dialect") {
    CHECK(responses::flat_name("multi_agent", "spawn") == "multi_agent__spawn");
    CHECK(responses::flat_name("mcp.x y", "g/h") == "mcp_x_y__g_h");
    const auto cut = responses::flat_name(std::string(60, 's'), std::string(60, 'n'));
    CHECK(cut.size() == 64);
    CHECK(cut != responses::flat_name(std::string(60, 's'), std::string(61, 'n')));
    CHECK(cut == responses::flat_name(std::string(60, 's'), std::string(60, 'n')));
}

TEST_CASE("responses: namespaced tools have distinct names that calls resolve to") {
    const auto r = decoded(R"({"input":[{"role":"user","content":"x"},
        {"type":"function_call","call_id":"1","namespace":"a","name":"f","arguments":"{}"},
        {"type":"function_call","call_id":"2","namespace":"a b","name":"f","arguments":"{}"},
        {"type":"function_call","call_id":"3","namespace":"gone","name":"f","arguments":"{}"},
        {"type":"function_call","call_id":"4","namespace":"late","name":"late","arguments":"{}"},
        {"type":"additional_tools","role":"developer","tools":[{"type":"namespace","name":"a b","description":"D",
            "tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"}]},{"type":"function","name":"late","description":"new"}]}],
        "tools":[{"type":"namespace","name":"a","tools":[{"type":"function","name":"f"}]},
            {"type":"namespace","name":"a.b","tools":[{"type":"function","name":"f"}]},
            {"type":"function","name":"a__f"},{"type":"function","name":"late","description":"old"}]})");
    CHECK(names(r) == std::vector<std::string>{"a__f_2", "a_b__f", "a__f", "late", "a_b__f_2", "a_b__c"});
    const auto& tools = r.chat().tools;
    CHECK(tools[3].description == "new");  // of the same name: the item's
    CHECK(tools[4].space == "a b");
    CHECK(tools[4].own_name == "f");
    CHECK(tools[4].extra == std::vector<RawField>{{"namespace.description", "\"D\""}});
    CHECK(tools[5].kind == Tool::Kind::custom);
    CHECK(tools[5].extra.empty());
    std::vector<std::string> called;
    for (const auto& part : r.chat().turns.back().parts) called.push_back(std::get<ToolCall>(part).name);
    CHECK(called == std::vector<std::string>{"a__f_2", "a_b__f_2", "gone__f", "late"});

    const auto there = responses::wire_name(tools, "a_b__f_2");
    CHECK(there.space == "a b");
    CHECK(there.name == "f");
    CHECK(responses::wire_name(tools, "a__f").space.empty());
    CHECK(responses::wire_name(tools, "unknown").name == "unknown");
}

TEST_CASE("responses: namespaces are written again only for a client that sent them") {
    auto r = decoded(R"({"input":[{"role":"user","content":"x"},
        {"type":"function_call","call_id":"1","namespace":"s","name":"f","arguments":"{}"},
        {"type":"function_call_output","call_id":"1","output":""}],
        "tools":[{"type":"namespace","name":"s","description":"D","tools":[{"type":"function","name":"f","parameters":{}}]}],
        "tool_choice":{"type":"function","name":"f"}})");
    const auto again = responses::encode_request(r, {});
    CHECK(again.find(R"("tools":[{"type":"namespace","name":"s","description":"D","tools":[)"
                     R"({"type":"function","name":"f","parameters":{},"strict":false}]}])") !=
          std::string::npos);
    CHECK(again.find(R"("namespace":"s","name":"f","arguments")") != std::string::npos);
    r.dialect = Dialect::anthropic;
    const auto flat = responses::encode_request(r, {});
    CHECK(flat.find("namespace") == std::string::npos);
    CHECK(flat.find(R"("tools":[{"type":"function","name":"s__f")") != std::string::npos);
    CHECK(flat.find(R"("tool_choice":{"type":"function","name":"s__f"})") != std::string::npos);
    CHECK(flat.find(R"("call_id":"1","name":"s__f")") != std::string::npos);
}

}  // namespace responses_names_test
