// Requests translated into another dialect: rejected, dropped and mapped features.
#include <doctest/doctest.h>

#include <algorithm>

#include "text/json.h"
#include "wire/opaque.h"
#include "wire/translate/features.h"
#include "wire/translate/translate.h"

namespace translate_test {

using namespace hearth;
using namespace hearth::exchange;
using wire::translate_request;

namespace {

Turn turn(Role role, std::vector<Part> parts) {
    Turn out;
    out.role = role;
    out.parts = std::move(parts);
    return out;
}
Turn says(Role role, std::string text) {
    return turn(role, {Text{std::move(text), {}}});
}
Turn result(std::string id, std::vector<Part> parts) {
    auto out = turn(Role::tool, std::move(parts));
    out.tool_call_id = std::move(id);
    return out;
}
Request chat(std::vector<Turn> turns, Dialect dialect = Dialect::anthropic) {
    Request out;
    out.dialect = dialect;
    out.body = Chat{.turns = std::move(turns)};
    return out;
}
Chat& chat_of(Request& request) {
    return std::get<Chat>(request.body);
}
const wire::Target kOpenai{Dialect::openai, "openai"};
const wire::Target kEngine{Dialect::engine, "engine"};

bool warns(const wire::Translated& translated, std::string_view code) {
    return std::ranges::any_of(translated.warnings,
                               [&](const std::string& w) { return w.starts_with(code); });
}
std::string text_of(const Turn& one) {
    std::string out;
    for (const auto& part : one.parts) {
        if (const auto* text = std::get_if<Text>(&part)) out += text->text;
    }
    return out;
}

}  // namespace

TEST_CASE("rejected features are errors, dropped features are warnings") {
    auto with_url = chat({turn(Role::user, {Image{.url = "https://x/y.png"}})});
    auto refused = translate_request(with_url, {Dialect::ollama, "ollama"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error()->code == Code::invalid_request);
    CHECK(refused.error()->message ==
          "ollama cannot be sent image URLs: its dialect (ollama) does not support it.");
    CHECK(translate_request(with_url, kOpenai));

    auto seeded = chat({says(Role::user, "hi")}, Dialect::openai);
    seeded.sampling.seed = 7;
    seeded.extra.push_back({"metadata", "{}"});
    const auto lost = translate_request(seeded, {Dialect::anthropic, "anthropic"});
    REQUIRE(lost);
    CHECK(warns(*lost, "seed: "));
    CHECK(warns(*lost, "unknown_fields: metadata not sent to anthropic"));
    CHECK_FALSE(lost->request.sampling.seed);
    CHECK(lost->request.extra.empty());

    auto background = seeded;
    background.extra = {{"background", "true"}};
    CHECK_FALSE(translate_request(background, kOpenai));
}

TEST_CASE("hosted tools are removed with a warning, unless one of them is forced") {
    auto request = chat({says(Role::user, "hi")});
    chat_of(request).tools = {{.kind = Tool::Kind::hosted, .name = "web_search_20250305", .raw = "{}"},
                              {.name = "read"}};
    const auto translated = translate_request(request, kOpenai);
    REQUIRE(translated);
    CHECK(warns(*translated, "hosted_tool: "));
    REQUIRE(translated->request.chat().tools.size() == 1);
    CHECK(translated->request.chat().tools[0].name == "read");

    chat_of(request).tool_choice = ToolChoice{ToolChoice::Mode::named, "web_search"};
    CHECK_FALSE(translate_request(request, kOpenai));
    chat_of(request).tool_choice.reset();
    chat_of(request).tools.pop_back();
    CHECK(translate_request(request, kOpenai));
    chat_of(request).tool_choice = ToolChoice{ToolChoice::Mode::required};
    const auto forced = translate_request(request, kOpenai);
    REQUIRE_FALSE(forced);
    CHECK(forced.error()->param == "tool_choice");
}

TEST_CASE("a custom tool becomes a function of one string, its calls too") {
    auto request = chat({says(Role::user, "patch"),
                         turn(Role::assistant, {ToolCall{"c1", "apply_patch", "*** Begin\n\"x\"", true}}),
                         result("c1", {Text{"done", {}}})},
                        Dialect::responses);
    chat_of(request).tools = {
        {.kind = Tool::Kind::custom,
         .name = "apply_patch",
         .description = "Edits files.",
         .parameters = R"({"type":"grammar","syntax":"lark","definition":"start: /.+/"})"}};
    const auto translated = translate_request(request, kOpenai);
    REQUIRE(translated);
    const auto& tool = translated->request.chat().tools[0];
    CHECK(tool.kind == Tool::Kind::function);
    CHECK(tool.description.find("start: /.+/") != std::string::npos);
    CHECK(tool.description.find("(lark)") != std::string::npos);
    const auto& call = std::get<ToolCall>(translated->request.chat().turns[1].parts[0]);
    CHECK_FALSE(call.custom);
    json::Document document;
    CHECK((*document.parse(call.arguments))["input"].as_string() == "*** Begin\n\"x\"");
    const auto kept = translate_request(request, {Dialect::responses, "other"});
    CHECK(kept->request.chat().tools[0].kind == Tool::Kind::custom);
}

TEST_CASE("deferred tools are appended once a tool result references them") {
    auto request = chat({says(Role::user, "hi")});
    chat_of(request).tools = {
        {.name = "deep", .deferred = true}, {.name = "search"}, {.name = "other", .deferred = true}};
    CHECK(translate_request(request, kEngine)->request.chat().tools.size() == 1);
    chat_of(request).turns.push_back(turn(Role::assistant, {ToolCall{"c1", "search", "{}"}}));
    chat_of(request).turns.push_back(result("c1", {ToolReference{"deep"}}));
    const auto translated = translate_request(request, kEngine);
    REQUIRE(translated->request.chat().tools.size() == 2);
    CHECK(translated->request.chat().tools[1].name == "deep");
    CHECK(text_of(translated->request.chat().turns.back()) == "The tool deep is available now.");
}

TEST_CASE("a tool choice never names a tool that is not offered") {
    auto request = chat({says(Role::user, "hi")}, Dialect::responses);
    chat_of(request).tools = {{.name = "deep", .deferred = true}, {.name = "search"}};
    chat_of(request).tool_choice = ToolChoice{ToolChoice::Mode::automatic, "", {"deep", "search"}};
    CHECK(translate_request(request, kOpenai)->request.chat().tool_choice->allowed ==
          std::vector<std::string>{"search"});
    chat_of(request).tool_choice = ToolChoice{ToolChoice::Mode::automatic, "", {"deep"}};
    CHECK(translate_request(request, kOpenai)->request.chat().tools.empty());
    chat_of(request).tool_choice = ToolChoice{ToolChoice::Mode::named, "deep"};
    CHECK(translate_request(request, kOpenai)->request.chat().tools.back().name == "deep");
}

TEST_CASE("opaque state is sent only to the provider that made it") {
    const auto thought = [](std::string data, std::string origin) {
        return Reasoning{"hm", {std::move(data), std::move(origin)}};
    };
    auto request =
        chat({says(Role::user, "hi"),
              turn(Role::assistant, {thought("sig", ""), thought("mine", "google"), Text{"a", {}}}),
              says(Role::user, "more")});
    const auto parts = [&](const wire::Target& target) {
        return translate_request(request, target)->request.chat().turns[1].parts.size();
    };
    CHECK(parts({Dialect::gemini, "google"}) == 2);  // its own
    CHECK(parts({Dialect::gemini, "vertex"}) == 1);  // neither
    CHECK(parts(kOpenai) == 1);
    CHECK(parts({Dialect::openai, "deepseek", true}) == 3);  // as plain text
    const auto plain = translate_request(request, {Dialect::openai, "deepseek", true});
    CHECK(std::get<Reasoning>(plain->request.chat().turns[1].parts[0]).opaque.empty());
    CHECK(warns(*translate_request(request, kOpenai), "opaque_state: "));
    CHECK(parts({.dialect = Dialect::gemini, .provider = "google", .without_opaque = true}) == 1);
    chat_of(request).turns[1].parts.erase(chat_of(request).turns[1].parts.begin());
    CHECK(translate_request(request, {Dialect::gemini, "google"})
              ->warnings.empty());  // all that is left is its own
}

TEST_CASE("the mark on opaque state") {
    CHECK(wire::unseal(wire::seal("openai", "a:b")) == Opaque{"a:b", "openai"});
    CHECK(wire::unseal(wire::seal("engine", "")) == Opaque{"", "engine"});
    CHECK(wire::unseal("EsYC") == Opaque{"EsYC", ""});
    CHECK(wire::unseal("hearth:1:broken").origin == "nobody");
    CHECK(wire::may_carry({"x", ""}, "anthropic", Dialect::anthropic, Dialect::anthropic));
    CHECK_FALSE(wire::may_carry({"x", ""}, "anthropic", Dialect::openai, Dialect::anthropic));
    CHECK_FALSE(wire::may_carry({"", "engine"}, "engine", Dialect::openai, Dialect::engine));
}

TEST_CASE("calls and results belong together") {
    const auto call = turn(Role::assistant, {ToolCall{"c1", "f", "{}"}});
    const auto refused = [](Request request) {
        const auto translated = translate_request(request, kOpenai);
        return translated ? std::string() : translated.error()->param;
    };
    CHECK(refused(chat({says(Role::user, "x"), call})) == "messages[1]");
    CHECK(refused(chat({says(Role::user, "x"), call, says(Role::user, "y")})) == "messages[2]");
    CHECK(refused(chat({says(Role::user, "x"), result("c1", {})})) == "messages[1].tool_call_id");
    CHECK(refused(chat({says(Role::user, "x"), call, result("c2", {})})) == "messages[2].tool_call_id");
    CHECK(refused(chat({turn(Role::assistant, {ToolCall{"a", "f", "{}"}, ToolCall{"a", "f", "{}"}}),
                        result("a", {})})) == "messages[0].tool_calls");
    CHECK(refused(chat({says(Role::user, "x"), call, says(Role::system, "note"), result("c1", {})})).empty());
}

TEST_CASE("tool results: errors are marked, images follow in a user message where results are text only") {
    auto failed = result("c1", {Text{"no such file", {}}});
    failed.is_error = true;
    auto request = chat({says(Role::user, "x"),
                         turn(Role::assistant, {ToolCall{"c1", "f", "{}"}, ToolCall{"c2", "f", "{}"}}),
                         failed, result("c2", {Image{.media_type = "image/png", .data = "QQ=="}})});
    const auto translated = translate_request(request, kOpenai);
    REQUIRE(translated);
    const auto& turns = translated->request.chat().turns;
    REQUIRE(turns.size() == 5);
    CHECK(text_of(turns[2]) == "Error: no such file");
    CHECK(text_of(turns[3]) == "(an image, see below)");
    CHECK(turns[4].role == Role::user);
    CHECK(std::holds_alternative<Image>(turns[4].parts[1]));
    const auto kept = translate_request(request, {Dialect::anthropic, "other"});
    CHECK(kept->request.chat().turns[2].is_error);
    CHECK(kept->request.chat().turns.size() == 4);
}

TEST_CASE(
    "for the engine the prompt's beginning stays: no billing line, later system messages in their place") {
    auto request = chat({turn(Role::system, {Text{"x-anthropic-billing-header: cc_version=1; cch=abc", {}},
                                             Text{"You code.", {{"cache_control", "{}"}}}}),
                         says(Role::user, "hi"), says(Role::system, "Be brief."), says(Role::assistant, "ok"),
                         says(Role::developer, "And kind."), says(Role::user, "go")});
    const auto translated = translate_request(request, kEngine);
    REQUIRE(translated);
    const auto& turns = translated->request.chat().turns;
    REQUIRE(turns.size() == 4);
    CHECK(text_of(turns[0]) == "You code.");
    CHECK(text_of(turns[1]) == "hi<system-reminder>\nBe brief.\n</system-reminder>");
    CHECK(text_of(turns[3]) == "<system-reminder>\nAnd kind.\n</system-reminder>go");
    CHECK(warns(*translated, "cache_marks: "));
}

TEST_CASE("thinking: budgets become efforts, and off stays off for the engine") {
    auto request = chat({says(Role::user, "x")});
    chat_of(request).thinking = {.mode = Thinking::Mode::budget, .budget_tokens = 31'999};
    CHECK(translate_request(request, kOpenai)->request.chat().reasoning_effort == "high");
    chat_of(request).thinking.budget_tokens = 1024;
    CHECK(translate_request(request, kOpenai)->request.chat().reasoning_effort == "low");
    CHECK(translate_request(request, {Dialect::gemini, "google"})->request.chat().thinking.budget_tokens ==
          1024);
    chat_of(request).thinking = {.mode = Thinking::Mode::off};
    CHECK(translate_request(request, kEngine)->request.chat().reasoning_effort == "none");
    CHECK(translate_request(request, kOpenai)->request.chat().reasoning_effort.empty());
}

}  // namespace translate_test
