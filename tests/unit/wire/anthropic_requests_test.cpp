// Requests of the Messages API as they are read: every kind of block, and bad ones with their messages.
#include <doctest/doctest.h>

#include "wire/anthropic/codec.h"
#include "wire/opaque.h"

namespace anthropic_requests_test {

using namespace hearth;
using namespace hearth::exchange;
namespace anthropic = hearth::wire::anthropic;

namespace {

Result<Request> read(std::string_view body, Kind kind = Kind::chat) {
    json::Document document;
    REQUIRE(document.parse(body));
    return anthropic::client_codec().decode({.kind = kind}, document);
}
Request good(std::string_view body, Kind kind = Kind::chat) {
    auto request = read(body, kind);
    if (!request) FAIL(request.error()->message);
    return std::move(*request);
}
// A request of one message with this content.
std::vector<Turn> turns(const std::string& role, const std::string& content) {
    return good(R"({"messages":[{"role":")" + role + R"(","content":)" + content + "}]}").chat().turns;
}
Part only(const std::string& role, const std::string& block) {
    const auto all = turns(role, "[" + block + "]");
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].parts.size() == 1);
    return all[0].parts[0];
}
void bad(std::string_view body, std::string_view param, std::string_view words) {
    CAPTURE(body);
    const auto request = read(body);
    REQUIRE_FALSE(request);
    CHECK(request.error()->code == Code::invalid_request);
    CHECK(request.error()->param == param);
    CHECK_MESSAGE(request.error()->message.find(words) != std::string::npos, request.error()->message);
}

}  // namespace

TEST_CASE("anthropic: the fields of a request") {
    const auto r = good(R"({"model":"claude-opus-5-5","max_tokens":128000,"stream":true,"system":"be brief",
        "messages":[{"role":"user","content":"hi"}],"temperature":0.5,"top_p":0.9,"top_k":40,
        "stop_sequences":["END",""],"metadata":{"user_id":"u","trace":"t"},"service_tier":"auto",
        "thinking":{"type":"adaptive","display":"omitted"},"context_management":{"edits":[]},
        "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}},"x":1}})");
    CHECK(r.kind == Kind::chat);
    CHECK(r.dialect == Dialect::anthropic);
    CHECK(r.model == "claude-opus-5-5");
    CHECK(r.stream);
    CHECK(r.include_usage);
    CHECK(r.user == "u");
    CHECK(r.sampling.max_tokens == 128000);
    CHECK(r.sampling.temperature == 0.5);
    CHECK(r.sampling.top_p == 0.9);
    CHECK(r.sampling.top_k == 40);
    CHECK(r.sampling.stop == std::vector<std::string>{"END"});
    CHECK(r.chat().thinking == Thinking{Thinking::Mode::adaptive, {}, "omitted"});
    CHECK(r.chat().reasoning_effort == "high");
    REQUIRE(r.chat().response_format);
    CHECK(r.chat().response_format->schema == R"({"type":"object"})");
    CHECK(r.extra == std::vector<RawField>{{"metadata.trace", R"("t")"},
                                           {"service_tier", R"("auto")"},
                                           {"context_management", R"({"edits":[]})"},
                                           {"output_config.x", "1"}});
    REQUIRE(r.chat().turns.size() == 2);
    CHECK(r.chat().turns[0] == Turn{.role = Role::system, .parts = {Text{"be brief", {}}}});
    CHECK(r.chat().turns[1] == Turn{.role = Role::user, .parts = {Text{"hi", {}}}});
}

TEST_CASE("anthropic: thinking, and older formats") {
    const auto thinking = [](const std::string& json) {
        return good(R"({"messages":[{"role":"user","content":"x"}],"thinking":)" + json + "}")
            .chat()
            .thinking;
    };
    CHECK(thinking(R"({"type":"enabled","budget_tokens":31999})") ==
          Thinking{Thinking::Mode::budget, 31999, ""});
    CHECK(thinking(R"({"type":"disabled"})").mode == Thinking::Mode::off);
    CHECK(thinking(R"({"type":"adaptive","display":"summarized"})").show == "auto");
    CHECK(thinking("null") == Thinking{});
    CHECK(thinking(R"({"type":"telepathic"})") == Thinking{});
    const auto old = good(R"({"messages":[{"role":"user","content":"x"}],
        "output_format":{"type":"json_schema","schema":{"a":1}}})");
    CHECK(old.chat().response_format->schema == R"({"a":1})");
    const auto odd = good(R"({"messages":[{"role":"user","content":"x"}],"output_format":"markdown"})");
    CHECK_FALSE(odd.chat().response_format);
    CHECK(odd.extra == std::vector<RawField>{{"output_format", R"("markdown")"}});
}

TEST_CASE("anthropic: system prompts, in front and in the middle") {
    const auto r = good(R"({"messages":[{"role":"user","content":"a"},
        {"role":"system","content":[{"type":"text","text":"s","cache_control":{}}],"output_config":{"effort":"low"}},
        {"role":"system","content":"t"}],
        "system":[{"type":"text","text":"one"},{"type":"text","text":"two","cache_control":{"type":"ephemeral"}}]})");
    const auto& all = r.chat().turns;
    REQUIRE(all.size() == 4);
    CHECK(all[0].role == Role::system);
    CHECK(all[0].parts ==
          std::vector<Part>{Text{"one", {}}, Text{"two", {{"cache_control", R"({"type":"ephemeral"})"}}}});
    CHECK(all[2].role == Role::system);
    CHECK(all[2].extra == std::vector<RawField>{{"output_config", R"({"effort":"low"})"}});
    CHECK(all[3].parts == std::vector<Part>{Text{"t", {}}});
    CHECK(good(R"({"messages":[{"role":"user","content":"a"}],"system":""})").chat().turns.size() == 1);
}

TEST_CASE("anthropic: blocks of the user") {
    CHECK(only("user",
               R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}})") ==
          Part{Image{.media_type = "image/png", .data = "QQ=="}});
    CHECK(
        only("user", R"({"type":"image","source":{"type":"url","url":"https://x/y"},"cache_control":{}})") ==
        Part{Image{.url = "https://x/y", .extra = {{"cache_control", "{}"}}}});
    CHECK(only("user", R"({"type":"image","source":{"type":"file","file_id":"f"}})") ==
          Part{Image{.file_id = "f"}});
    CHECK(only("user", R"({"type":"document","title":"T","context":"c","citations":{"enabled":true},
        "source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}})") ==
          Part{File{.name = "T",
                    .data = "JVBE",
                    .media_type = "application/pdf",
                    .extra = {{"context", R"("c")"}, {"citations", R"({"enabled":true})"}}}});
    CHECK(only("user",
               R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}})") ==
          Part{File{.media_type = "text/plain", .text = "words"}});
    CHECK(only("user", R"({"type":"document","source":{"type":"url","url":"https://x/a.pdf"}})") ==
          Part{File{.url = "https://x/a.pdf"}});
    CHECK(only("user", R"({"type":"document","source":{"type":"file","file_id":"f"}})") ==
          Part{File{.id = "f"}});
    CHECK(only("user", R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},
        {"type":"text","text":"b"}]}})") == Part{File{.media_type = "text/plain", .text = "a\nb"}});
    const std::string mixed =
        R"({"type":"document","source":{"type":"content","content":[{"type":"image","source":{}}]}})";
    CHECK(only("user", mixed) == Part{Foreign{"document", mixed}});
    const std::string result = R"({"type":"search_result","source":"s","title":"t","content":[]})";
    CHECK(only("user", result) == Part{Foreign{"search_result", result}});
}

TEST_CASE("anthropic: blocks of the assistant, in their order") {
    const auto all = turns("assistant", R"([{"type":"thinking","thinking":"hm","signature":"SIG"},
        {"type":"redacted_thinking","data":"DATA"},{"type":"thinking","thinking":"","signature":"LONE"},
        {"type":"text","text":"so","citations":[]},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a" : 1}},
        {"type":"tool_use","id":"toolu_2","name":"g","input":{},"cache_control":{}},
        {"type":"server_tool_use","id":"s","name":"web_search","input":{}}])");
    REQUIRE(all.size() == 1);
    CHECK(all[0].parts ==
          std::vector<Part>{
              Reasoning{"hm", {"SIG", ""}}, Reasoning{"", {"redacted:DATA", ""}}, Reasoning{"", {"LONE", ""}},
              Text{"so", {{"citations", "[]"}}},
              ToolCall{.id = "toolu_1", .name = "f", .arguments = R"({"a" : 1})"},
              ToolCall{.id = "toolu_2", .name = "g", .arguments = "{}", .extra = {{"cache_control", "{}"}}},
              Foreign{"server_tool_use",
                      R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"}});
}

TEST_CASE("anthropic: sealed and unsealed state are distinguished") {
    const auto parts =
        turns("assistant", R"([{"type":"thinking","thinking":"t","signature":")" + wire::seal("engine", "") +
                               R"("},{"type":"thinking","thinking":"","signature":")" +
                               wire::seal("engine", "text:secret") +
                               R"("},{"type":"redacted_thinking","data":")" +
                               wire::seal("google", "call:TS") +
                               R"("},{"type":"tool_use","id":"i","name":"f","input":{}},
        {"type":"redacted_thinking","data":")" +
                               wire::seal("openai", "ENC") + R"("}])")[0]
            .parts;
    REQUIRE(parts.size() == 4);
    CHECK(parts[0] == Part{Reasoning{"t", {"", "engine"}}});
    CHECK(parts[1] == Part{Reasoning{"secret", {"", "engine"}}});
    CHECK(std::get<ToolCall>(parts[2]).opaque == Opaque{"TS", "google"});
    CHECK(parts[3] == Part{Reasoning{"", {"ENC", "openai"}}});
}

TEST_CASE("anthropic: results of tools stand before the rest of their message") {
    const auto all = turns("user", R"([{"type":"text","text":"first said"},
        {"type":"tool_result","tool_use_id":"a","content":"done","cache_control":{}},
        {"type":"tool_result","tool_use_id":"b","is_error":true,"content":[{"type":"text","text":"no"},
          {"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}},
          {"type":"tool_reference","tool_name":"late"}]},
        {"type":"tool_result","tool_use_id":"c"},{"type":"text","text":"more"}])");
    REQUIRE(all.size() == 4);
    CHECK(all[0] == Turn{.role = Role::tool,
                         .tool_call_id = "a",
                         .parts = {Text{"done", {}}},
                         .extra = {{"cache_control", "{}"}}});
    CHECK(all[1] == Turn{.role = Role::tool,
                         .tool_call_id = "b",
                         .is_error = true,
                         .parts = {Text{"no", {}}, Image{.media_type = "image/png", .data = "QQ=="},
                                   ToolReference{"late"}}});
    CHECK(all[2] == Turn{.role = Role::tool, .tool_call_id = "c"});
    CHECK(all[3] == Turn{.role = Role::user, .parts = {Text{"first said", {}}, Text{"more", {}}}});
}

TEST_CASE("anthropic: tools and the choice among them") {
    const auto r = good(R"({"messages":[{"role":"user","content":"x"}],"tools":[
        {"name":"f","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{},
         "eager_input_streaming":true},
        {"type":"custom","name":"g","input_schema":{"type":"object"},"defer_loading":true},
        {"type":"web_search_20250305","name":"web_search","max_uses":5}],
        "tool_choice":{"type":"tool","name":"web_search","disable_parallel_tool_use":true}})");
    const auto& tools = r.chat().tools;
    REQUIRE(tools.size() == 3);
    CHECK(tools[0] == Tool{.name = "f",
                           .description = "d",
                           .parameters = R"({"type":"object"})",
                           .strict = true,
                           .extra = {{"cache_control", "{}"}, {"eager_input_streaming", "true"}}});
    CHECK(tools[1] == Tool{.name = "g", .parameters = R"({"type":"object"})", .deferred = true});
    CHECK(tools[2].kind == Tool::Kind::hosted);
    CHECK(tools[2].name == "web_search_20250305");
    CHECK(tools[2].raw == R"({"type":"web_search_20250305","name":"web_search","max_uses":5})");
    CHECK(r.chat().tool_choice == ToolChoice{ToolChoice::Mode::named, "web_search", {}});
    CHECK(r.chat().parallel_tool_calls == false);
    const auto any = good(R"({"messages":[{"role":"user","content":"x"}],"tools":[{"name":"f"}],
        "tool_choice":{"type":"any"}})");
    CHECK(any.chat().tool_choice->mode == ToolChoice::Mode::required);
    CHECK_FALSE(any.chat().parallel_tool_calls);
}

TEST_CASE("anthropic: a count is a chat without an answer") {
    const auto r = good(R"({"model":"m","messages":[{"role":"user","content":"x"}]})", Kind::count);
    CHECK(r.kind == Kind::count);
    CHECK(r.chat().turns.size() == 1);
}

TEST_CASE("anthropic: bad requests name their place") {
    const auto in = [](const std::string& block) {
        return R"({"messages":[{"role":"user","content":[)" + block + "]}]}";
    };
    const std::string ok = R"("messages":[{"role":"user","content":"x"}])";
    bad("[]", "", "must be");
    bad("{}", "messages", "messages");
    bad(R"({"messages":[]})", "messages", "at least one");
    bad(R"({"messages":[{"role":"robot","content":"x"}]})", "messages[0].role",
        "'user', 'assistant' and 'system'");
    bad(R"({"messages":[{"role":"user"}]})", "messages[0].content", "content");
    bad(R"({"messages":[{"role":"user","content":5}]})", "messages[0].content", "array of blocks");
    bad(in(R"({"type":"text","text":7})"), "messages[0].content[0].text", "string");
    bad(in(R"({"text":"x"})"), "messages[0].content[0].type", "type");
    bad(in(R"({"type":"image","source":{"type":"base64","data":"x"}})"),
        "messages[0].content[0].source.media_type", "media_type");
    bad(in(R"({"type":"tool_result"})"), "messages[0].content[0].tool_use_id", "tool_use_id");
    bad(in(R"({"type":"tool_result","tool_use_id":"a","content":[{"type":"text"}]})"),
        "messages[0].content[0].content[0].text", "text");
    bad(in(R"({"type":"tool_use","id":"a","name":"f","input":{}})"), "messages[0].content[0].type",
        "assistant");
    bad(R"({"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":"x"}]}]})",
        "messages[0].content[0].input", "object");
    bad(R"({"messages":[{"role":"assistant","content":[{"type":"tool_result","tool_use_id":"a"}]}]})",
        "messages[0].content[0].type", "'user'");
    bad("{" + ok + R"(,"max_tokens":-1})", "max_tokens", "at least 0");
    bad("{" + ok + R"(,"temperature":"hot"})", "temperature", "number");
    bad("{" + ok + R"(,"stop_sequences":"x"})", "stop_sequences", "array");
    bad("{" + ok + R"(,"thinking":{"type":"enabled"}})", "thinking.budget_tokens", "budget_tokens");
    bad("{" + ok + R"(,"system":3})", "system", "string or an array");
    bad("{" + ok + R"(,"tools":[{"description":"x"}]})", "tools[0].name", "name");
    bad("{" + ok + R"(,"tool_choice":{"type":"any"}})", "tool_choice", "no tools");
    bad("{" + ok + R"(,"tools":[{"name":"f"}],"tool_choice":{"type":"tool","name":"g"}})", "tool_choice",
        "not among the tools");
    bad("{" + ok + R"(,"tool_choice":{"type":"must"}})", "tool_choice.type",
        "'auto', 'any', 'tool' and 'none'");
    bad("{" + ok + R"(,"output_config":{"format":{"type":"json_schema"}}})", "output_config.format.schema",
        "schema");
}

}  // namespace anthropic_requests_test
