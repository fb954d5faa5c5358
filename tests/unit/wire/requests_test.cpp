// What clients send and what the form holds of it.
#include <doctest/doctest.h>

#include "base/limits.h"
#include "wire/openai/request.h"

namespace requests_test {

using namespace hearth;
using namespace hearth::exchange;
namespace openai = hearth::wire::openai;

namespace {

Request decoded(std::string_view body, Kind kind = Kind::chat) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = openai::decode_request(kind, document);
    INFO((request ? std::string() : request.error()->message));
    REQUIRE(request);
    return std::move(*request);
}

template <class T>
const T& part(const Turn& turn, std::size_t index) {
    REQUIRE(turn.parts.size() > index);
    REQUIRE(std::holds_alternative<T>(turn.parts[index]));
    return std::get<T>(turn.parts[index]);
}

}  // namespace

TEST_CASE("usage of a stream is asked for in streams alone") {
    const std::string rest =
        R"("stream_options":{"include_usage":true},"messages":[{"role":"user","content":"q"}]})";
    CHECK(decoded(R"({"model":"m","stream":true,)" + rest).include_usage);
    CHECK_FALSE(decoded(R"({"model":"m",)" + rest).include_usage);
}

TEST_CASE("a chat request with everything in it") {
    const auto r = decoded(
        R"({"model":"auto","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},
        "n":2,"seed":7,"user":"u1","temperature":0.5,"top_p":1,"presence_penalty":-1,"frequency_penalty":2,
        "max_tokens":9,"max_completion_tokens":10,"stop":["a","b"],"logit_bias":{"50256":-100},"logprobs":true,
        "top_logprobs":3,"reasoning_effort":"low","parallel_tool_calls":false,
        "top_k":40,"min_p":0.05,"repeat_penalty":1.1,"grammar":"root ::= \"x\"","ignore_eos":true,"num_ctx":8192,
        "keep_alive":"5m","metadata":{"a" : 1},
        "messages":[{"role":"user","content":"hi"}]})");
    CHECK(r.kind == Kind::chat);
    CHECK(r.model == "auto");
    CHECK(r.stream);
    CHECK(r.include_usage);
    CHECK(r.n == 2);
    CHECK(r.user == "u1");
    const auto& s = r.sampling;
    CHECK(s.seed == 7);
    CHECK(s.temperature == 0.5);
    CHECK(s.top_p == 1.0);
    CHECK(s.presence_penalty == -1.0);
    CHECK(s.frequency_penalty == 2.0);
    CHECK(s.max_tokens == 10);  // max_completion_tokens counts
    CHECK(s.stop == std::vector<std::string>{"a", "b"});
    REQUIRE(s.logit_bias.size() == 1);
    CHECK(s.logit_bias[0] == std::pair<std::int64_t, double>(50256, -100));
    CHECK(s.logprobs);
    CHECK(s.top_logprobs == 3);
    CHECK(s.top_k == 40);
    CHECK(s.min_p == 0.05);
    CHECK(s.repeat_penalty == 1.1);
    CHECK(s.grammar == "root ::= \"x\"");
    CHECK(s.ignore_eos);
    CHECK(r.context_tokens == 8192);
    CHECK(r.keep_alive_s == 300);
    CHECK(r.chat().reasoning_effort == "low");
    CHECK(r.chat().parallel_tool_calls == false);
    CHECK(r.extra == std::vector<RawField>{{"stream_options.include_obfuscation", "false"},
                                           {"metadata", R"({"a" : 1})"}});
}

TEST_CASE("content: string, parts, nothing") {
    const auto r = decoded(R"({"messages":[
        {"role":"developer","content":"d"},
        {"role":"user","name":"ann","content":[
            {"type":"text","text":"t","cache_control":{"type":"ephemeral"}},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
            {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},
            {"type":"image_url","image_url":"https://example.org/b.png"},
            {"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}},
            {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="}},
            {"type":"video_url","video_url":{"url":"x"}}]},
        {"role":"assistant","content":null,"refusal":"no"},
        {"role":"assistant","content":""},
        {"role":"assistant","reasoning_content":"think","content":"say"},
        {"role":"assistant","reasoning":"think","content":[{"type":"refusal","refusal":"r"}]}]})");
    const auto& turns = r.chat().turns;
    REQUIRE(turns.size() == 6);
    CHECK(turns[0].role == Role::developer);
    CHECK(part<Text>(turns[0], 0).text == "d");
    CHECK(turns[1].name == "ann");
    CHECK(part<Text>(turns[1], 0).extra ==
          std::vector<RawField>{{"cache_control", R"({"type":"ephemeral"})"}});
    const auto& image = part<Image>(turns[1], 1);
    CHECK(image.media_type == "image/png");
    CHECK(image.data == "AAAA");
    CHECK(image.url.empty());
    CHECK(image.detail == "low");
    CHECK(part<Image>(turns[1], 2).url == "https://example.org/a.png");
    CHECK(part<Image>(turns[1], 3).url == "https://example.org/b.png");
    CHECK(part<Audio>(turns[1], 4).format == "wav");
    CHECK(part<File>(turns[1], 5).name == "a.pdf");
    CHECK(part<Foreign>(turns[1], 6).type == "video_url");
    CHECK(part<Foreign>(turns[1], 6).json == R"({"type":"video_url","video_url":{"url":"x"}})");
    CHECK(part<Refusal>(turns[2], 0).text == "no");
    CHECK(turns[3].parts.empty());
    CHECK(part<Reasoning>(turns[4], 0).text == "think");
    CHECK(part<Text>(turns[4], 1).text == "say");
    CHECK(part<Reasoning>(turns[5], 0).text == "think");
    CHECK(part<Refusal>(turns[5], 1).text == "r");
}

TEST_CASE("tools: function, custom, hosted; calls and results") {
    const auto r = decoded(R"({"tools":[
        {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},
        {"type":"custom","custom":{"name":"c","format":{"type":"text"}}},
        {"type":"web_search","x":1}],
        "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[
            {"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}},
        "messages":[{"role":"user","content":"q"},
        {"role":"assistant","content":null,"tool_calls":[
            {"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"g":1}},
            {"id":"2","type":"custom","custom":{"name":"c","input":"free"}},
            {"id":"3","function":{"name":"f","arguments":{"a": 1}}}]},
        {"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"x"}]},
        {"role":"tool","tool_call_id":"2","content":null}]})");
    const auto& chat = r.chat();
    REQUIRE(chat.tools.size() == 3);
    CHECK(chat.tools[0] == Tool{Tool::Kind::function, "f", "d", R"({"type":"object"})", true, "", {}});
    CHECK(chat.tools[1] == Tool{Tool::Kind::custom, "c", "", R"({"type":"text"})", false, "", {}});
    CHECK(chat.tools[2].kind == Tool::Kind::hosted);
    CHECK(chat.tools[2].name == "web_search");
    CHECK(chat.tools[2].raw == R"({"type":"web_search","x":1})");
    REQUIRE(chat.tool_choice);
    CHECK(chat.tool_choice->mode == ToolChoice::Mode::required);
    CHECK(chat.tool_choice->allowed == std::vector<std::string>{"f", "c"});
    CHECK(part<ToolCall>(chat.turns[1], 0) ==
          ToolCall{"1", "f", "{}", false, {{"extra_content", R"({"g":1})"}}});
    CHECK(part<ToolCall>(chat.turns[1], 1) == ToolCall{"2", "c", "free", true, {}});
    CHECK(part<ToolCall>(chat.turns[1], 2).arguments == R"({"a": 1})");
    CHECK(chat.turns[2].tool_call_id == "1");
    CHECK(chat.turns[3].parts.empty());
}

TEST_CASE("legacy functions become tools, their calls get ids, results find them") {
    const auto r =
        decoded(R"({"functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"},"messages":[
        {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"1"}},
        {"role":"function","name":"f","content":"one"},
        {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"2"}},
        {"role":"function","name":"f","content":"two"}]})");
    const auto& chat = r.chat();
    CHECK(chat.legacy_functions);
    CHECK(chat.tool_choice->mode == ToolChoice::Mode::named);
    CHECK(chat.tool_choice->name == "f");
    CHECK(chat.turns[0].parts.size() == 1);
    CHECK(part<ToolCall>(chat.turns[2], 0).id == "call_fn_1");
    CHECK(chat.turns[1].role == Role::tool);
    CHECK(chat.turns[1].tool_call_id == "call_fn_0");
    CHECK(chat.turns[3].tool_call_id == "call_fn_1");
    CHECK(openai::check_tool_turns(chat));
}

TEST_CASE("modern and legacy tools together: the modern ones count") {
    const auto r =
        decoded(R"({"function_call":"none","tool_choice":{"type":"function","function":{"name":"f"}},
        "functions":[{"name":"g"}],"tools":[{"type":"function","function":{"name":"f"}}],
        "messages":[{"role":"user","content":"q"}]})");
    CHECK_FALSE(r.chat().legacy_functions);
    CHECK(r.chat().tools.size() == 2);
    CHECK(r.chat().tool_choice->name == "f");
}

TEST_CASE("response formats") {
    const auto with = [](std::string_view format) {
        return decoded(std::string(R"({"messages":[{"role":"user","content":"q"}],"response_format":)") +
                       std::string(format) + "}");
    };
    using K = ResponseFormat::Kind;
    CHECK(with(R"({"type":"text"})").chat().response_format->kind == K::text);
    CHECK(with(R"({"type":"json_object","schema":{"a":1}})").chat().response_format->schema == R"({"a":1})");
    const auto schema =
        *with(R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}})")
             .chat()
             .response_format;
    CHECK(schema.kind == K::json_schema);
    CHECK(schema.name == "n");
    CHECK(schema.schema == R"({"type":"object"})");
    CHECK(schema.strict);
    const auto vendor = with(R"({"type":"structural_tag","x":1})");
    CHECK_FALSE(vendor.chat().response_format);
    CHECK(vendor.extra == std::vector<RawField>{{"response_format", R"({"type":"structural_tag","x":1})"}});
}

TEST_CASE("completions: every form of prompt, suffix for the middle") {
    const auto prompts = [](std::string_view prompt) {
        return decoded("{\"prompt\":" + std::string(prompt) + "}", Kind::completion).completion().prompts;
    };
    CHECK(prompts(R"("a")") == decltype(prompts("")){std::string("a")});
    CHECK(prompts(R"(["a","b"])") == decltype(prompts("")){std::string("a"), std::string("b")});
    CHECK(prompts("[1,2]") == decltype(prompts("")){TokenIds{1, 2}});
    CHECK(prompts("[[1,2],[3]]") == decltype(prompts("")){TokenIds{1, 2}, TokenIds{3}});
    const auto r =
        decoded(R"({"prompt":"a","suffix":"z","echo":true,"logprobs":2,"max_tokens":-1})", Kind::completion);
    CHECK(r.completion().suffix == "z");
    CHECK(r.completion().echo);
    CHECK(r.sampling.logprobs);
    CHECK(r.sampling.top_logprobs == 2);
    CHECK_FALSE(r.sampling.max_tokens);  // -1: no limit
    CHECK(decoded(R"({"prompt":"a","logprobs":0})", Kind::completion).sampling.logprobs);
    CHECK_FALSE(decoded(R"({"prompt":"a","suffix":null})", Kind::completion).completion().suffix);
}

TEST_CASE("embeddings") {
    const auto r = decoded(
        R"({"model":"e","input":["a","b"],"dimensions":256,"encoding_format":"base64","temperature":1})",
        Kind::embedding);
    CHECK(r.embedding().inputs.size() == 2);
    CHECK(r.embedding().dimensions == 256);
    CHECK(r.embedding().base64);
    CHECK(r.extra == std::vector<RawField>{{"temperature", "1"}});
}

TEST_CASE("keep_alive durations") {
    CHECK(openai::parse_keep_alive("5m") == 300);
    CHECK(openai::parse_keep_alive("1h30m") == 5400);
    CHECK(openai::parse_keep_alive("1.5h") == 5400);
    CHECK(openai::parse_keep_alive("-1m") == -60);
    CHECK(openai::parse_keep_alive("-1") == -1);
    CHECK(openai::parse_keep_alive("300") == 300);
    CHECK(openai::parse_keep_alive("0") == 0);
    CHECK(openai::parse_keep_alive("1ms") == 1);
    for (const auto* bad :
         {"", "-", "m", "5 m", "5x", "1e3", "nan", "inf", "--1", "5m3", "99999999999999h"}) {
        CAPTURE(bad);
        CHECK_FALSE(openai::parse_keep_alive(bad));
    }
}

TEST_CASE("tool turns are checked as OpenAI checks them, on demand") {
    const auto check = [](std::string_view messages) {
        return openai::check_tool_turns(decoded("{\"messages\":" + std::string(messages) + "}").chat());
    };
    const std::string call = R"({"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f"}},
                                {"id":"b","function":{"name":"f"}}]})";
    const auto result = [](std::string id) {
        return R"({"role":"tool","tool_call_id":")" + id + R"(","content":"x"})";
    };
    CHECK(check("[" + call + "," + result("b") + "," + result("a") + R"(,{"role":"user","content":"q"}])"));
    const auto missing = check("[" + call + "," + result("a") + R"(,{"role":"user","content":"q"}])");
    REQUIRE_FALSE(missing);
    CHECK(missing.error()->param == "messages[0].tool_calls");
    CHECK(missing.error()->message.ends_with("did not have response messages: b"));
    CHECK_FALSE(check("[" + call + "]"));
    const auto orphan = check("[" + result("a") + "]");
    REQUIRE_FALSE(orphan);
    CHECK(orphan.error()->param == "messages[0].tool_call_id");
    CHECK_FALSE(check("[" + call + "," + result("a") + "," + result("b") + "," + result("c") + "]"));
    const auto twice = check(R"([{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f"}},
                                 {"id":"a","function":{"name":"f"}}]}])");
    REQUIRE_FALSE(twice);
    CHECK(twice.error()->message == "Duplicate tool call id 'a' in one message.");
}

}  // namespace requests_test
