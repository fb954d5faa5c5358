// Requests of other dialects written for an upstream of this one.
#include <doctest/doctest.h>

#include "wire/anthropic/codec.h"
#include "wire/anthropic/schema.h"
#include "wire/anthropic/thinking.h"

namespace anthropic_encode_test {

using namespace hearth;
using namespace hearth::exchange;
namespace anthropic = hearth::wire::anthropic;

namespace {

std::string encode(const Request& request, const wire::UpstreamNeeds& needs = {.provider = "anthropic"}) {
    auto out = anthropic::upstream_codec().encode(request, needs);
    json::Document document;
    REQUIRE_MESSAGE(document.parse(out), out);
    return out;
}
Request chat(std::vector<Turn> turns) {
    Request out;
    out.model = "m";
    Chat body;
    body.turns = std::move(turns);
    out.body = std::move(body);
    return out;
}
Turn said(Role role, std::string text) {
    return {.role = role, .parts = {Text{std::move(text), {}}}};
}
Turn called(std::string id, std::string arguments) {
    return {.role = Role::assistant,
            .parts = {ToolCall{.id = std::move(id), .name = "f", .arguments = std::move(arguments)}}};
}
Chat& body(Request& request) {
    return std::get<Chat>(request.body);
}
// What stands behind the model and the limit.
std::string tail(const Request& request, const wire::UpstreamNeeds& needs = {.provider = "anthropic"}) {
    const auto out = encode(request, needs);
    const std::string head = R"({"model":"m","max_tokens":4096,)";
    REQUIRE_MESSAGE(out.starts_with(head), out);
    return out.substr(head.size());
}
Request thinks(std::string effort, std::string model = "m") {
    auto out = chat({said(Role::user, "q")});
    out.model = std::move(model);
    body(out).reasoning_effort = std::move(effort);
    return out;
}
std::string thinking_of(const Request& request, const wire::UpstreamNeeds& needs = {}) {
    const auto out = encode(request, needs);
    json::Document document;
    const auto root = *document.parse(out);
    return std::string(root["max_tokens"].raw()) + " " + std::string(root["thinking"].raw()) + " " +
           std::string(root["output_config"].raw());
}

}  // namespace

TEST_CASE("anthropic: a plain chat, and the fields around it") {
    CHECK(tail(chat({said(Role::system, "sys"), said(Role::user, "hi")})) ==
          R"("system":"sys","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})");
    auto full = chat({said(Role::user, "q")});
    full.sampling = {.temperature = 1.5, .top_p = 0.9, .top_k = 5, .max_tokens = 10, .stop = {"END"}};
    full.stream = true;
    full.user = "u";
    CHECK(
        encode(full, {.model = "claude-3-5-haiku"}) ==
        R"({"model":"claude-3-5-haiku","max_tokens":10,"messages":[{"role":"user","content":[{"type":"text",)"
        R"("text":"q"}]}],"temperature":1,"top_p":0.9,"top_k":5,"stop_sequences":["END"],"stream":true,)"
        R"("metadata":{"user_id":"u"}})");
    CHECK(encode(full, {.model = "claude-opus-4-7"}).find("temperature") == std::string::npos);
    CHECK(encode(full, {.model = "claude-opus-4-7"}).find("\"top_") == std::string::npos);
    CHECK(encode(full, {.model = "claude-haiku-4-5"}).find("top_p") == std::string::npos);  // one of the two
    full.sampling.stop = {"\n\n"};
    CHECK(encode(full).find("stop_sequences") == std::string::npos);
    full.kind = Kind::count;
    CHECK(encode(full) ==
          R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"q"}]}]})");
}

TEST_CASE("anthropic: turns become messages that alternate") {
    CHECK(
        tail(chat({said(Role::system, "s1"),
                   said(Role::developer, "s2"),
                   said(Role::user, "a"),
                   said(Role::system, "mid"),
                   said(Role::user, "b"),
                   said(Role::assistant, "c"),
                   called("call_1", ""),
                   said(Role::user, "why"),
                   {.role = Role::tool, .tool_call_id = "call_1", .is_error = true, .parts = {Text{"r", {}}}},
                   {.role = Role::tool, .tool_call_id = "call_2"}})) ==
        R"("system":[{"type":"text","text":"s1"},{"type":"text","text":"s2"}],"messages":[)"
        R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"mid"},{"type":"text","text":"b"}]},)"
        R"({"role":"assistant","content":[{"type":"text","text":"c"},{"type":"tool_use","id":"call_1","name":"f","input":{}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"r","is_error":true},)"
        R"({"type":"tool_result","tool_use_id":"call_2"},{"type":"text","text":"why"}]}]})");
}

TEST_CASE("anthropic: nothing empty is sent, and there is always a message") {
    CHECK(
        tail(chat({said(Role::user, ""), said(Role::user, " \n"), said(Role::user, "x"),
                   said(Role::assistant, ""), said(Role::user, "y")})) ==
        R"("messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}]})");
    CHECK(tail(chat({said(Role::system, "a"), said(Role::system, "b")})) ==
          R"("system":"a","messages":[{"role":"user","content":[{"type":"text","text":"b"}]}]})");
}

TEST_CASE("anthropic: images, files and refusals") {
    const auto blocks = [](Part part) {
        const auto out = tail(chat({{.role = Role::user, .parts = {std::move(part)}}}));
        const std::string head = R"("messages":[{"role":"user","content":[)";
        REQUIRE(out.starts_with(head));
        return out.substr(head.size(), out.size() - head.size() - 4);
    };
    CHECK(blocks(Image{.media_type = "image/png", .data = "QQ=="}) ==
          R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}})");
    CHECK(blocks(Image{.url = "https://x"}) ==
          R"({"type":"image","source":{"type":"url","url":"https://x"}})");
    CHECK(blocks(Image{.file_id = "f"}) == R"({"type":"image","source":{"type":"file","file_id":"f"}})");
    CHECK(
        blocks(File{.name = "a.pdf", .data = "data:application/pdf;base64,JVBE"}) ==
        R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"a.pdf"})");
    CHECK(blocks(File{.data = "aGk=", .media_type = "text/plain"}) ==
          R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"}})");
    CHECK(blocks(File{.data = "data:image/png;base64,QQ=="}) ==
          R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}})");
    CHECK(blocks(File{.url = "https://x/a.pdf"}) ==
          R"({"type":"document","source":{"type":"url","url":"https://x/a.pdf"}})");
    CHECK(blocks(File{.text = "words"}) ==
          R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}})");
    CHECK(blocks(File{.id = "f"}) == R"({"type":"document","source":{"type":"file","file_id":"f"}})");
    CHECK(blocks(Refusal{"no"}) == R"({"type":"text","text":"no"})");
}

TEST_CASE("anthropic: tools, choices and formats") {
    auto request = chat({said(Role::user, "q")});
    auto& c = body(request);
    c.tools = {{.name = "f", .description = "d", .parameters = R"({"properties":{}})", .strict = true},
               {.name = "g"},
               {.kind = Tool::Kind::hosted, .name = "web", .raw = "{}"}};
    c.parallel_tool_calls = false;
    const std::string tools =
        R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}},"strict":true},)"
        R"({"name":"g","input_schema":{"type":"object","properties":{}}}],)";
    CHECK(encode(request).ends_with(tools +
                                    R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"));
    c.tool_choice = ToolChoice{ToolChoice::Mode::none, "", {}};
    CHECK(encode(request).ends_with(tools + R"("tool_choice":{"type":"none"}})"));
    c.tool_choice = ToolChoice{ToolChoice::Mode::required, "", {"g"}};
    c.parallel_tool_calls = {};
    CHECK(encode(request).ends_with(
        R"("tools":[{"name":"g","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"any"}})"));
    c.tools.clear();
    CHECK(encode(request).find("tool_choice") == std::string::npos);
    c.response_format =
        ResponseFormat{ResponseFormat::Kind::json_schema, "n", "",
                       R"({"type":"object","properties":{"a":{"type":["object","null"]}}})", true};
    CHECK(encode(request).ends_with(
        R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"a":)"
        R"({"type":["object","null"],"additionalProperties":false}},"additionalProperties":false}}}})"));
    c.response_format = ResponseFormat{ResponseFormat::Kind::json_object, "", "", "", false};
    CHECK(encode(request).find("output_config") == std::string::npos);
}

TEST_CASE("anthropic: effort and budget become thinking settings of the model") {
    CHECK(thinking_of(thinks("low")) == R"(4096 {"type":"enabled","budget_tokens":1024} )");
    CHECK(thinking_of(thinks("medium")) == R"(4096 {"type":"enabled","budget_tokens":2048} )");
    CHECK(thinking_of(thinks("high")) == R"(8192 {"type":"enabled","budget_tokens":4096} )");
    CHECK(thinking_of(thinks("xhigh")) == R"(12288 {"type":"enabled","budget_tokens":8192} )");
    CHECK(thinking_of(thinks("xhigh"), {.max_output_tokens = 64000}) ==
          R"(64000 {"type":"enabled","budget_tokens":8192} )");
    CHECK(thinking_of(thinks("none")) == "4096  ");
    CHECK(thinking_of(thinks("minimal", "claude-opus-5-5")) ==
          R"(4096 {"type":"adaptive","display":"summarized"} {"effort":"low"})");
    auto small = thinks("high");
    small.sampling.max_tokens = 1000;
    CHECK(thinking_of(small) == "1000  ");
    small.sampling.max_tokens = 3000;
    CHECK(thinking_of(small) == R"(3000 {"type":"enabled","budget_tokens":1500} )");
    auto forced = thinks("high");
    body(forced).tools = {{.name = "f"}};
    body(forced).tool_choice = ToolChoice{ToolChoice::Mode::named, "f", {}};
    CHECK(thinking_of(forced) == "4096  ");
    auto hot = thinks("low");
    hot.sampling = {.temperature = 0.3, .top_p = 0.5, .top_k = 3};
    CHECK(encode(hot).find("temperature") == std::string::npos);
    CHECK(encode(hot).find("\"top_") == std::string::npos);
    auto budget = thinks("");
    body(budget).thinking = {Thinking::Mode::budget, 9000, ""};
    CHECK(thinking_of(budget) == R"(13096 {"type":"enabled","budget_tokens":9000} )");
    body(budget).thinking = {Thinking::Mode::off, {}, ""};
    CHECK(thinking_of(budget) == R"(4096 {"type":"disabled"} )");
}

TEST_CASE("anthropic: thinking is sent back only to the provider that made it") {
    auto request = thinks("high");
    auto turn = called("c1", R"({"a":1})");
    turn.parts.insert(turn.parts.begin(), Reasoning{"hm", {"SIG", "anthropic"}});
    turn.parts.insert(turn.parts.begin() + 1, Reasoning{"", {"redacted:D", "anthropic"}});
    body(request).turns = {said(Role::user, "q"), turn, {.role = Role::tool, .tool_call_id = "c1"}};
    CHECK(encode(request).find(R"([{"type":"thinking","thinking":"hm","signature":"SIG"},)"
                               R"({"type":"redacted_thinking","data":"D"},{"type":"tool_use")") !=
          std::string::npos);
    CHECK(thinking_of(request, {.provider = "anthropic"}) ==
          R"(8192 {"type":"enabled","budget_tokens":4096} )");
    CHECK(encode(request, {.provider = "other"}).find("SIG") == std::string::npos);
    CHECK(thinking_of(request, {.provider = "other"}) == "4096  ");
}

TEST_CASE("anthropic: names of the newest models") {
    for (const auto* name :
         {"claude-opus-4-7", "anthropic/claude-opus-4.7", "claude-opus-5-5", "claude-latest",
          "claude-fable-5", "anthropic.claude-opus-4-8-v1:0", "claude-opus-10"})
        CHECK_MESSAGE(anthropic::newest_claude(name), name);
    for (const auto* name : {"claude-opus-4-6", "claude-3-7-sonnet-20250219", "claude-opus-4-20250514",
                             "claude-sonnet-4-5-20250929", "claude-instant-1.2", "glm-5.2", ""})
        CHECK_FALSE_MESSAGE(anthropic::newest_claude(name), name);
}

TEST_CASE("anthropic: arguments and ids") {
    CHECK(anthropic::input_object(" ") == "{}");
    CHECK(anthropic::input_object(R"( {"a":1} )") == R"({"a":1})");
    CHECK(anthropic::input_object(R"({"a":)") == R"({"input":"{\"a\":"})");
    CHECK(anthropic::input_object("[1]") == R"({"input":"[1]"})");
    CHECK(anthropic::tool_id("toolu_01-A") == "toolu_01-A");
    CHECK(anthropic::tool_id("functions.get:0") != anthropic::tool_id("functions.get.0"));
    CHECK(anthropic::tool_id("a.b").starts_with("a_b_"));
    CHECK(anthropic::tool_id("a.b").find_first_not_of("abcdef0123456789_") == std::string::npos);
    CHECK_FALSE(anthropic::tool_id("").empty());
}

TEST_CASE("anthropic: what the model does not support is left out with a warning") {
    Request request;
    request.dialect = Dialect::openai;
    request.sampling.temperature = 1.5;
    request.sampling.top_k = 7;
    request.body = Chat{.turns = {Turn{.parts = {Text{"x", {}}}}}};
    const auto losses = [&](std::string_view model) {
        return anthropic::upstream_codec().losses(request, {.provider = "claude", .model = model});
    };
    CHECK(losses("claude-3-5-sonnet") ==
          std::vector<std::string>{"temperature: sent to claude as 1, the most it takes"});
    CHECK(losses("claude-opus-4-7") ==
          std::vector<std::string>{"temperature: not sent to claude, the model samples as it likes",
                                   "top_k: not sent to claude, the model samples as it likes"});
    request.sampling.temperature = 1;
    std::get<Chat>(request.body).reasoning_effort = "high";
    CHECK(losses("claude-sonnet-4-5") ==
          std::vector<std::string>{"temperature: not sent to claude, it does not go with thinking",
                                   "top_k: not sent to claude, it does not go with thinking"});
    std::get<Chat>(request.body).tools = {{.name = "f"}};
    std::get<Chat>(request.body).tool_choice = ToolChoice{ToolChoice::Mode::required};
    REQUIRE(losses("claude-sonnet-4-5").size() == 1);
    CHECK(losses("claude-sonnet-4-5")[0].starts_with("effort: not sent to claude, thinking does not go"));
    request.dialect = Dialect::anthropic;
    CHECK(losses("claude-opus-4-7").empty());
}

}  // namespace anthropic_encode_test
