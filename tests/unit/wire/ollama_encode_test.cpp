// Requests written for an Ollama upstream.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "text/edit.h"
#include "unit/wire/generators.h"
#include "wire/codecs.h"
#include "wire/ollama/request.h"
#include "wire/openai/request.h"

namespace ollama_encode_test {

using namespace wire_test;
namespace ollama = hearth::wire::ollama;
namespace openai = hearth::wire::openai;

namespace {

std::string translated(std::string_view body, Kind kind = Kind::chat) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = openai::decode_request(kind, document);
    REQUIRE(request);
    request->extra.clear();
    return ollama::encode_request(*request, "local");
}

// What the dialect can say, in the way in which decoding says it.
Turn some_turn(int& calls, std::vector<std::pair<std::string, std::string>>& waiting) {
    Turn out;
    if (!waiting.empty()) {
        out.role = Role::tool;
        std::tie(out.tool_call_id, out.name) = waiting.back();
        waiting.pop_back();
    } else {
        static constexpr Role kRoles[] = {Role::user, Role::system, Role::assistant};
        out.role = kRoles[draw(3)];
    }
    if (flip()) out.parts.emplace_back(Reasoning{word(), {}});
    if (flip()) out.parts.emplace_back(Text{word(), {}});
    if (flip()) out.parts.emplace_back(Image{.media_type = "image/jpeg", .data = "/9j/AAAA"});
    for (int i = out.role == Role::assistant ? draw(3) : 0; i > 0; --i) {
        ToolCall call{flip() ? word() + std::to_string(calls) : "call_tool_" + std::to_string(calls), word(),
                      R"({"a":[1, 2]})"};
        ++calls;
        if (flip()) call.extra.push_back({"function.odd", "1"});
        waiting.insert(waiting.begin(), {call.id, call.name});
        out.parts.emplace_back(std::move(call));
    }
    if (flip()) out.extra.push_back({"odd", R"("x")"});
    return out;
}

Chat some_chat() {
    using Mode = Thinking::Mode;
    Chat out;
    int calls = 0;
    std::vector<std::pair<std::string, std::string>> waiting;
    for (int i = draw(6); i > 0; --i) out.turns.push_back(some_turn(calls, waiting));
    for (int i = draw(3); i > 0; --i) {
        Tool tool;
        tool.name = "tool_" + std::to_string(i);
        tool.description = maybe_word();
        tool.parameters = R"({"type":"object","properties":{}})";
        out.tools.push_back(std::move(tool));
    }
    switch (draw(4)) {
        case 0:
            out.thinking.mode = Mode::off;
            out.reasoning_effort = "none";
            break;
        case 1:
            out.thinking.mode = Mode::adaptive;
            break;
        case 2:
            out.thinking.mode = Mode::adaptive;
            out.reasoning_effort = flip() ? "low" : "max";
            break;
        default:
            break;
    }
    if (flip())
        out.response_format = ResponseFormat{ResponseFormat::Kind::json_schema, "", "", "{\"a\":{}}", false};
    return out;
}

Request some_own_request() {
    auto out = some_request(Kind::completion);  // for its sampling
    out.dialect = Dialect::ollama;
    out.include_usage = false;
    out.n = 1;
    out.user.clear();
    auto& s = out.sampling;
    s.logit_bias.clear();
    s.grammar.clear();
    s.ignore_eos = false;
    if (s.seed && *s.seed < 0) s.seed.reset();
    out.extra = {{"options.num_gpu", "1"}, {"shift", "false"}};
    switch (draw(4)) {
        case 0:
            out.kind = Kind::embedding;
            out.stream = false;
            s.logprobs = false;
            s.top_logprobs = 0;
            out.body =
                Embedding{{word(), some_text()}, flip() ? std::optional<std::int64_t>(8) : std::nullopt};
            break;
        case 1:
            out.body = Completion{{word()}, std::nullopt};
            break;
        case 2:
            out.body = Completion{{some_text()}, word()};
            break;
        default:
            out.kind = Kind::chat;
            out.body = some_chat();
    }
    return out;
}

}  // namespace

TEST_CASE("ollama: requests come back from their encoding") {
    CHECK(rc::check([] {
        const auto request = some_own_request();
        const auto body = ollama::encode_request(request);
        json::Document document;
        RC_ASSERT(document.parse(body).has_value());
        wire::Call call;
        call.kind = request.kind;
        const auto back = ollama::decode_request(call, document);
        if (!back) RC_FAIL(back.error()->message + " in " + body);
        Request sorted = *back;
        std::ranges::sort(sorted.extra, {}, &RawField::key);
        if (!(sorted == request)) RC_FAIL(body + "\n came back as\n" + ollama::encode_request(*back));
    }));
}

TEST_CASE("ollama: a chat of another dialect") {
    CHECK(
        translated(R"({"model":"x","max_tokens":5,"temperature":0.5,"stop":"END","seed":3,"num_ctx":4096,
        "keep_alive":"5m","reasoning_effort":"minimal","response_format":{"type":"json_object"},
        "tools":[{"type":"function","function":{"name":"f"}}],
        "messages":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"text","text":"a"},
            {"type":"text","text":"b"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]},
        {"role":"assistant","reasoning_content":"r","content":null,"tool_calls":[
            {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},
            {"id":"c2","type":"function","function":{"name":"f","arguments":"not json"}}]},
        {"role":"tool","tool_call_id":"c2","content":"2"},{"role":"system","content":"in place"}]})") ==
        R"({"model":"local","messages":[{"role":"system","content":"d"},)"
        R"({"role":"user","content":"a\nb","images":["QUJD"]},)"
        R"({"role":"assistant","content":"","thinking":"r","tool_calls":[)"
        R"({"id":"c1","function":{"index":0,"name":"f","arguments":{"x": 1}}},)"
        R"({"id":"c2","function":{"index":1,"name":"f","arguments":{"input":"not json"}}}]},)"
        R"({"role":"tool","content":"2","tool_name":"f","tool_call_id":"c2"},)"
        R"({"role":"system","content":"in place"}],)"
        R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],)"
        R"("format":"json","think":"low","stream":false,)"
        R"("options":{"num_ctx":4096,"num_predict":5,"temperature":0.5,"seed":3,"stop":["END"]},"keep_alive":300})");
}

TEST_CASE("ollama: reasoning effort and tool choice none") {
    const auto with = [](std::string_view fields) {
        return translated(R"({"messages":[{"role":"user","content":"q"}],"tools":[{"type":"function",
            "function":{"name":"f"}}],)" +
                          std::string(fields) + "}");
    };
    CHECK(with(R"("reasoning_effort":"none")").find(R"("think":false)") != std::string::npos);
    CHECK(with(R"("reasoning_effort":"xhigh")").find(R"("think":"high")") != std::string::npos);
    CHECK(with(R"("tool_choice":"auto")").find("think") == std::string::npos);
    CHECK(with(R"("tool_choice":"auto")").find("\"tools\"") != std::string::npos);
    CHECK(with(R"("tool_choice":"none")").find("\"tools\"") == std::string::npos);
}

TEST_CASE("ollama: completions and embeddings of another dialect") {
    CHECK(translated(R"({"prompt":"a","suffix":"b","stream":true})", Kind::completion) ==
          R"({"model":"local","prompt":"a","suffix":"b","stream":true})");
    CHECK(translated(R"({"prompt":"a"})", Kind::completion) ==
          R"({"model":"local","prompt":"a","raw":true,"stream":false})");
    CHECK(translated(R"({"input":["a","b"],"dimensions":3})", Kind::embedding) ==
          R"({"model":"local","input":["a","b"],"dimensions":3})");
}

TEST_CASE("ollama: paths, and the client's own bytes with another model") {
    const auto& codec = *wire::upstream_codec(Dialect::ollama);
    CHECK(codec.path(Kind::chat, "m", true) == "/api/chat");
    CHECK(codec.path(Kind::completion, "m", true) == "/api/generate");
    CHECK(codec.path(Kind::embedding, "m", false) == "/api/embed");
    CHECK_FALSE(codec.path(Kind::rerank, "m", false));
    Request chat;
    chat.body = Chat{};
    CHECK(codec.path_of(chat, "generate", "m") ==
          "/api/generate");  // a templated generation is a chat inside
    CHECK(codec.path_of(chat, "", "m") == "/api/chat");
    json::Document document;
    const std::string body = R"({"model":"alias","odd" : 1,"messages":[],"think":true,"stream":true})";
    REQUIRE(document.parse(body));
    wire::UpstreamNeeds needs;
    needs.model = "real";
    static constexpr std::string_view kRemove[] = {"think"};
    needs.remove = kRemove;
    const auto plan = codec.edits(document, needs);
    CHECK(text::apply_edits(body, plan.edits) == R"({"model":"real","odd" : 1,"messages":[],"stream":true})");
    CHECK(plan.warnings.size() == 1);
    CHECK_FALSE(plan.hide_usage);
}

}  // namespace ollama_encode_test
