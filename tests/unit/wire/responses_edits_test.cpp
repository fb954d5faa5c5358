// The client's own bytes with a listed set of edits, and lists of items for who keeps answers.
#include <doctest/doctest.h>

#include "text/edit.h"
#include "wire/codecs.h"
#include "wire/responses/items.h"

namespace responses_edits_test {

using namespace hearth;
namespace responses = hearth::wire::responses;

namespace {

struct Edited {
    std::string body;
    wire::EditPlan plan;
};

Edited edited(std::string_view body, const wire::UpstreamNeeds& needs) {
    json::Document document;
    REQUIRE(document.parse(body));
    Edited out;
    out.plan = wire::upstream_codec(exchange::Dialect::responses)->edits(document, needs);
    auto applied = text::apply_edits(body, out.plan.edits);
    REQUIRE(applied);
    out.body = *applied;
    REQUIRE(document.parse(out.body));
    return out;
}

}  // namespace

TEST_CASE("responses: only the model and the default of store are edited") {
    CHECK(edited(R"( {"model" : "p/m", "store" :false,"input": [ { "role":"user" } ],"odd":1.50e0 } )",
                 {.model = "m"})
              .body == R"( {"model" : "m", "store" :false,"input": [ { "role":"user" } ],"odd":1.50e0 } )");
    CHECK(edited(R"({"model":"m","store":true})", {.model = "m"}).plan.edits.empty());
    CHECK(edited(R"({"input":"x"})", {}).body == R"({"input":"x","store":false})");
    CHECK(edited(R"({"input":"x","store":null})", {}).body == R"({"input":"x","store":false})");
    const std::string_view refused[] = {"store", "truncation"};
    const auto out = edited(R"({"input":"x","truncation":"auto"})", {.remove = refused});
    CHECK(out.body == R"({"input":"x"})");
    REQUIRE(out.plan.warnings.size() == 1);
    CHECK(out.plan.warnings[0].find("'truncation'") != std::string::npos);
}

TEST_CASE("responses: where Hearth turns storing off it requests encrypted reasoning instead") {
    CHECK(edited(R"({"reasoning":{"effort":"low"}})", {}).body ==
          R"({"reasoning":{"effort":"low"},"store":false,"include":["reasoning.encrypted_content"]})");
    CHECK(edited(R"({"reasoning":{},"include":["a"]})", {}).body ==
          R"({"reasoning":{},"include":["reasoning.encrypted_content","a"],"store":false})");
    CHECK(edited(R"({"reasoning":{},"include":["reasoning.encrypted_content"]})", {}).body ==
          R"({"reasoning":{},"include":["reasoning.encrypted_content"],"store":false})");
    CHECK(edited(R"({"reasoning":{},"store":false})", {}).plan.edits.empty());
}

TEST_CASE("responses: reasoning is sent back only to the provider that made it") {
    const auto items = [](std::string_view body, const wire::UpstreamNeeds& needs) {
        const auto out = edited(body, needs);
        json::Document document;
        REQUIRE(document.parse(out.body));
        std::string seen(document.root()["input"].raw());
        return std::pair(seen, out.plan.warnings.size());
    };
    const std::string_view body = R"({"store":false,"input":[{"role":"user","content":"x"},
        {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"hearth:1:anthropic:S"},
        {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"hearth:1:openai:OWN"},
        {"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"gAAA"},
        {"type":"reasoning","id":"rs_4","summary":[],"encrypted_content":null},
        {"type":"reasoning","id":"rs_5","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"hearth:1:engine:"}]})";
    CHECK(items(body, {.provider = "openai"}) ==
          std::pair<std::string, std::size_t>(
              R"([{"role":"user","content":"x"},{"type":"reasoning","summary":[],"encrypted_content":"OWN"},)"
              R"({"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"gAAA"}])",
              1));
    const auto local = items(body, {.provider = "lmstudio", .reasoning_content = true});
    CHECK(local.second == 0);
    CHECK(local.first.find("hearth:1:") == std::string::npos);
    CHECK(local.first.find(R"({"type":"reasoning","summary":[{"type":"summary_text","text":"t"}]})") !=
          std::string::npos);
    const std::string_view stored =
        R"({"store":true,"input":[{"type":"reasoning","id":"rs_4","summary":[]},{"role":"developer","content":"d"}]})";
    CHECK(edited(stored, {}).plan.edits.empty());
    CHECK(items(stored, {.developer_as_system = true}).first ==
          R"([{"type":"reasoning","id":"rs_4","summary":[]},{"role":"system","content":"d"}])");
}

TEST_CASE("responses: items of a request, and a request with more before them") {
    json::Document document;
    REQUIRE(document.parse(R"({"input":"a\"b"})"));
    CHECK(responses::input_items(document) ==
          std::vector<std::string>{
              R"({"type":"message","role":"user","content":[{"type":"input_text","text":"a\"b"}]})"});
    REQUIRE(document.parse(R"({"previous_response_id":"resp_1","model":"m"})"));
    CHECK(responses::input_items(document).empty());
    const std::vector<std::string> before = {R"({"a":1})", R"({"b":2})"};
    CHECK(responses::with_items_before(document, before) == R"({"model":"m","input":[{"a":1},{"b":2}]})");
    REQUIRE(document.parse(R"({ "input": [ {"c" : 3} ] , "previous_response_id":"resp_1"})"));
    CHECK(responses::input_items(document) == std::vector<std::string>{R"({"c" : 3})"});
    CHECK(responses::with_items_before(document, before) == R"({ "input": [{"a":1},{"b":2},{"c" : 3}]})");
    CHECK(responses::with_items_before(document, {}).find("previous_response_id") == std::string::npos);
}

TEST_CASE("responses: items of a stream that is passed on, however it is cut") {
    const std::string stream =
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n"
        "data: "
        "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"message\",\"n\" : "
        "1}}\n\n"
        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"response.completed\"}\n\n";
    const std::string plain =
        stream + "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"}}\n\n";
    for (std::size_t step = 1; step < 60; ++step) {
        responses::ItemCollector collector;
        for (std::size_t at = 0; at < plain.size(); at += step)
            collector.feed(std::string(plain.substr(at, step)));
        CHECK(collector.whole());
        CHECK(collector.id() == "resp_1");
        CHECK(collector.items() == std::vector<std::string>{R"({"type":"message","n" : 1})"});
    }
    responses::ItemCollector cut, full;
    cut.feed(stream);
    CHECK_FALSE(cut.whole());
    CHECK(cut.items().size() == 1);
    full.feed(
        stream +
        "data: {\"type\":\"response.incomplete\",\"response\":{\"id\":\"r\",\"output\":[{\"x\":1},{}]}}\n\n");
    CHECK(full.whole());
    CHECK(full.items() == std::vector<std::string>{R"({"x":1})", "{}"});
}

}  // namespace responses_edits_test
