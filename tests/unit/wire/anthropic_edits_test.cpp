// Same dialect on both sides: what is changed in the client's bytes, and nothing else.
#include <doctest/doctest.h>

#include "wire/anthropic/codec.h"

namespace anthropic_edits_test {

using namespace hearth;
namespace anthropic = hearth::wire::anthropic;

namespace {

struct Edited {
    std::string body;
    wire::EditPlan plan;
};
Edited edited(std::string_view body, wire::UpstreamNeeds needs = {.provider = "claude"}) {
    json::Document document;
    REQUIRE_MESSAGE(document.parse(body), body);
    auto plan = anthropic::upstream_codec().edits(document, needs);
    auto out = text::apply_edits(body, plan.edits);
    REQUIRE_MESSAGE(out, out.error()->message);
    json::Document again;
    REQUIRE_MESSAGE(again.parse(*out), *out);
    return {std::move(*out), std::move(plan)};
}
std::string messages(const std::string& content, const std::string& rest = {}) {
    return R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)" + content + "]}]" +
           rest + "}";
}

const std::string kForeign = R"({"type":"thinking","thinking":"t","signature":"hearth:1:engine:"})";
const std::string kText = R"({"type":"text","text":"a"})";
const std::string kOwn = R"({ "type":"thinking", "thinking":"t", "signature":"EqQB" })";

}  // namespace

TEST_CASE("anthropic: in a request without sealed state only the model is edited") {
    const std::string body =
        R"( { "model" : "alias", "messages":[ {"role":"user","content":"x"} , {"role":"assistant","content":[)" +
        kOwn + R"(,{"type":"redacted_thinking","data":"D"}]}],"odd":1.50e0 } )";
    CHECK(edited(body).body == body);
    CHECK(edited(body).plan.warnings.empty());
    auto renamed = body;
    renamed.replace(renamed.find("\"alias\""), 7, "\"claude-opus-5\"");
    CHECK(edited(body, {.provider = "claude", .model = "claude-opus-5"}).body == renamed);
}

TEST_CASE("anthropic: signatures that were refused do not go out again") {
    const std::string call = R"({"type":"tool_use","id":"t1","name":"f","input":{}})";
    const wire::UpstreamNeeds needs{.provider = "claude", .without_opaque = true};
    const auto out =
        edited(messages(kOwn + "," + call, R"(,"thinking":{"type":"enabled","budget_tokens":1024})"), needs);
    CHECK(out.body == messages(call, R"(,"thinking":{"type":"disabled"})"));
    REQUIRE(out.plan.warnings.size() == 2);
    CHECK(out.plan.warnings[0] ==
          "1 blocks of thinking were removed: the upstream refused their signatures.");
}

TEST_CASE("anthropic: foreign thinking is removed with its commas") {
    CHECK(edited(messages(kForeign + "," + kText)).body == messages(kText));
    CHECK(edited(messages(kText + " , " + kForeign)).body == messages(kText));
    CHECK(edited(messages(kText + "," + kForeign + "," + kForeign + ", " + kText)).body ==
          messages(kText + "," + kText));
    CHECK(edited(messages(kForeign + "," + kText + "," + kForeign)).body == messages(kText));
    CHECK(edited(messages(R"({"type":"redacted_thinking","data":"hearth:1:google:call:X"},)" + kOwn)).body ==
          messages(kOwn));
    const auto out = edited(messages(kForeign + "," + kText + "," + kForeign));
    REQUIRE(out.plan.warnings.size() == 1);
    CHECK(out.plan.warnings[0].starts_with("2 blocks of thinking were removed"));
}

TEST_CASE("anthropic: a message with nothing but another provider's thinking is removed") {
    CHECK(edited(messages(kForeign)).body == R"({"messages":[{"role":"user","content":"q"}]})");
    CHECK(edited(R"({"messages":[{"role":"assistant","content":[)" + kForeign +
                 R"(]},{"role":"user","content":"x"}]})")
              .body == R"({"messages":[{"role":"user","content":"x"}]})");
}

TEST_CASE("anthropic: state sealed for this provider is unsealed") {
    CHECK(edited(messages(R"({"type":"thinking","thinking":"t","signature":"hearth:1:claude:SIG"},)" + kText))
              .body == messages(R"({"type":"thinking","thinking":"t","signature":"SIG"},)" + kText));
    CHECK(edited(messages(R"({"type":"redacted_thinking","data":"hearth:1:claude:redacted:D"})")).body ==
          messages(R"({"type":"redacted_thinking","data":"D"})"));
    CHECK(edited(messages(R"({"type":"redacted_thinking","data":"hearth:1:claude:SIG"})")).body ==
          messages(R"({"type":"thinking","thinking":"","signature":"SIG"})"));
    CHECK(edited(messages(kText + R"(,{"type":"thinking","thinking":"","signature":"hearth:1:claude:"})"))
              .body == messages(kText));
}

TEST_CASE("anthropic: citations that Hearth wrote are removed") {
    CHECK(edited(messages(R"({"type":"text","text":"a","citations":[{"encrypted_index":"hearth:1:x:"},)"
                          R"({"encrypted_index":"E"}]})"))
              .body == messages(R"({"type":"text","text":"a","citations":[{"encrypted_index":"E"}]})"));
}

TEST_CASE("anthropic: thinking by budget is switched off where its own is missing") {
    const std::string call = R"({"type":"tool_use","id":"i","name":"f","input":{}})";
    const std::string enabled = R"(,"thinking":{"type":"enabled","budget_tokens":2000})";
    const auto out = edited(messages(kForeign + "," + call, enabled));
    CHECK(out.body == messages(call, R"(,"thinking":{"type":"disabled"})"));
    CHECK(out.plan.warnings.size() == 2);
    const std::string adaptive = R"(,"thinking":{"type":"adaptive"})";
    CHECK(edited(messages(kForeign + "," + call, adaptive)).body == messages(call, adaptive));
    CHECK(edited(messages(kForeign + "," + kText, enabled)).body == messages(kText, enabled));
    CHECK(edited(messages(kOwn + "," + call, enabled)).body == messages(kOwn + "," + call, enabled));
}

TEST_CASE("anthropic: fields that an upstream refuses") {
    const std::string_view refused[] = {"context_management", "messages", "absent"};
    const std::string body = R"({"model":"m","context_management":{},"max_tokens":1})";
    const auto out = edited(body, {.provider = "claude", .remove = refused});
    CHECK(out.body == R"({"model":"m","max_tokens":1})");
    CHECK(out.plan.warnings ==
          std::vector<std::string>{"The field 'context_management' was removed: this upstream refuses it."});
    CHECK(edited(messages(kForeign + "," + kText, R"(,"x":1)"), {.provider = "claude", .remove = refused})
              .body == R"({"x":1})");
}

}  // namespace anthropic_edits_test
