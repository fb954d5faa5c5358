// What clients of the Responses dialect send and what the form holds of it.
#include <doctest/doctest.h>

#include "wire/codecs.h"
#include "wire/responses/request.h"

namespace responses_requests_test {

using namespace hearth;
using namespace hearth::exchange;
namespace responses = hearth::wire::responses;

namespace {

Request decoded(std::string_view body, Kind kind = Kind::chat) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = responses::decode_request(kind, document);
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

const std::vector<Turn>& turns(const Request& request) {
    return request.chat().turns;
}

}  // namespace

TEST_CASE("responses: a request with everything in it") {
    const auto r = decoded(
        R"({"model":"gpt-5.5","input":"hi","instructions":"be brief","stream":true,"store":false,
        "max_output_tokens":9,"temperature":0.5,"top_p":1,"top_logprobs":3,"parallel_tool_calls":false,
        "reasoning":{"effort":"high","summary":"auto","odd":1},"text":{"verbosity":"low","format":{"type":"json_schema",
        "name":"n","schema":{"type":"object"},"strict":true,"description":"d"}},"prompt_cache_key":"k","user":"u",
        "safety_identifier":"s","previous_response_id":"resp_1","metadata":{"a" : 1},"truncation":"auto",
        "include":["reasoning.encrypted_content","message.output_text.logprobs"],"service_tier":"flex",
        "stream_options":{"include_obfuscation":false,"include_usage":true},"client_metadata":{}})");
    CHECK(r.kind == Kind::chat);
    CHECK(r.dialect == Dialect::responses);
    CHECK(r.model == "gpt-5.5");
    CHECK(r.stream);
    CHECK(r.include_usage);
    CHECK(r.store == false);
    CHECK(r.sampling.max_tokens == 9);
    CHECK(r.sampling.temperature == 0.5);
    CHECK(r.sampling.top_p == 1.0);
    CHECK(r.sampling.logprobs);
    CHECK(r.sampling.top_logprobs == 3);
    CHECK(r.user == "s");
    CHECK(r.cache_key == "k");
    CHECK(r.previous_id == "resp_1");
    const auto& chat = r.chat();
    CHECK(chat.parallel_tool_calls == false);
    CHECK(chat.reasoning_effort == "high");
    CHECK(chat.thinking.show == "auto");
    CHECK(chat.verbosity == "low");
    CHECK(*chat.response_format ==
          ResponseFormat{ResponseFormat::Kind::json_schema, "n", "d", R"({"type":"object"})", true});
    REQUIRE(turns(r).size() == 2);
    CHECK(turns(r)[0].role == Role::system);
    CHECK(part<Text>(turns(r)[0], 0).text == "be brief");
    CHECK(turns(r)[1].role == Role::user);
    CHECK(part<Text>(turns(r)[1], 0).text == "hi");
    std::vector<std::string> kept;
    for (const auto& field : r.extra) kept.push_back(field.key);
    CHECK(kept == std::vector<std::string>{"reasoning.odd", "metadata", "truncation", "include",
                                           "service_tier", "stream_options.include_obfuscation",
                                           "client_metadata"});
    CHECK(responses::wants_encrypted_reasoning(r));
    CHECK_FALSE(responses::wants_encrypted_reasoning(decoded(R"({"input":"x","include":["a"]})")));
    CHECK(decoded(R"({"input":"x"})", Kind::count).kind == Kind::count);
}

TEST_CASE("responses: messages and their parts") {
    const auto r = decoded(R"({"input":[
        {"role":"developer","content":"rules"},
        {"type":"message","role":"user","id":"msg_1","content":[{"type":"input_text","text":"look","cache":1},
            {"type":"input_image","image_url":"data:image/png;base64,QUJD","detail":"high"},
            {"type":"input_image","image_url":"https://x/y.png"},{"type":"input_image","file_id":"file_1"},
            {"type":"input_file","file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"},
            {"type":"input_file","file_url":"https://x/b.pdf"},{"type":"input_file","file_id":"file_2"},
            {"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"input_video","url":"v"}]},
        {"type":"message","role":"assistant","status":"completed","phase":"final_answer","content":[
            {"type":"output_text","text":"seen","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]}]})");
    REQUIRE(turns(r).size() == 3);
    CHECK(turns(r)[0].role == Role::developer);
    const auto& user = turns(r)[1];
    CHECK(part<Text>(user, 0).extra == std::vector<RawField>{{"cache", "1"}});
    CHECK(part<Image>(user, 1) == Image{.media_type = "image/png", .data = "QUJD", .detail = "high"});
    CHECK(part<Image>(user, 2).url == "https://x/y.png");
    CHECK(part<Image>(user, 3).file_id == "file_1");
    CHECK(part<File>(user, 4) == File{.name = "a.pdf",
                                      .data = "data:application/pdf;base64,JVBERi0=",
                                      .media_type = "application/pdf"});
    CHECK(part<File>(user, 5).url == "https://x/b.pdf");
    CHECK(part<File>(user, 6).id == "file_2");
    CHECK(part<Audio>(user, 7).format == "wav");
    CHECK(part<Foreign>(user, 8).type == "input_video");
    CHECK(part<Text>(turns(r)[2], 0) == Text{"seen", {}});
    CHECK(part<Refusal>(turns(r)[2], 1).text == "no");
    CHECK(turns(r)[2].extra.empty());
    CHECK(user.extra.empty());
}

TEST_CASE("responses: what the assistant did between two inputs is one turn") {
    const auto r = decoded(R"({"input":[{"role":"user","content":"go"},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],
            "encrypted_content":"gAAA"},
        {"type":"message","role":"assistant","content":"looking"},
        {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"x\":1}","status":"completed"},
        {"type":"custom_tool_call","call_id":"c2","name":"apply_patch","input":"*** Begin"},
        {"type":"function_call_output","call_id":"c1","output":"ok"},
        {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"t"},
            {"type":"input_image","image_url":"https://i"}]},
        {"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"whole"}],
            "encrypted_content":"hearth:1:engine:"},
        {"type":"reasoning","id":"rs_9","summary":[],"encrypted_content":null},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"done"}]}]})");
    REQUIRE(turns(r).size() == 5);
    const auto& did = turns(r)[1];
    CHECK(did.role == Role::assistant);
    CHECK(part<Reasoning>(did, 0) == Reasoning{"a\n\nb", {"gAAA", ""}});
    CHECK(part<Text>(did, 1).text == "looking");
    CHECK(part<ToolCall>(did, 2) == ToolCall{"c1", "f", R"({"x":1})", false, {}});
    CHECK(part<ToolCall>(did, 3) == ToolCall{"c2", "apply_patch", "*** Begin", true, {}});
    CHECK(turns(r)[2].role == Role::tool);
    CHECK(turns(r)[2].tool_call_id == "c1");
    CHECK(part<Text>(turns(r)[2], 0).text == "ok");
    CHECK(turns(r)[3].tool_call_id == "c2");
    CHECK(part<Image>(turns(r)[3], 1).url == "https://i");
    CHECK(turns(r)[4].parts.size() == 2);  // the empty reasoning says nothing
    CHECK(part<Reasoning>(turns(r)[4], 0) == Reasoning{"whole", {"", "engine"}});
}

TEST_CASE("responses: items that only this dialect has are kept whole") {
    const auto r = decoded(R"({"input":[{"type":"web_search_call","id":"ws_1","status":"completed"},
        {"type":"local_shell_call","call_id":"l"},{"type":"local_shell_call_output","output":"x"},
        {"type":"mcp_approval_response","approve":true},{"type":"compaction","encrypted_content":"e"},
        {"type":"compaction_trigger"},{"id":"msg_1"},{"type":"item_reference","id":"msg_2"}]})");
    REQUIRE(turns(r).size() == 7);
    CHECK(turns(r)[0].role == Role::assistant);
    CHECK(part<Foreign>(turns(r)[0], 0) ==
          Foreign{"web_search_call", R"({"type":"web_search_call","id":"ws_1","status":"completed"})"});
    CHECK(part<Foreign>(turns(r)[0], 1).type == "local_shell_call");
    CHECK(turns(r)[1].role == Role::user);
    CHECK(turns(r)[2].role == Role::user);
    CHECK(part<Foreign>(turns(r)[3], 0).type == "compaction");
    CHECK(turns(r)[3].role == Role::assistant);
    CHECK(turns(r)[4].role == Role::user);
    CHECK(part<Foreign>(turns(r)[5], 0).type == "item_reference");
}

TEST_CASE("responses: tools of every kind") {
    const auto r = decoded(R"({"input":"x","tools":[
        {"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true,"odd":1},
        {"type":"function","name":"late","parameters":null,"strict":null,"defer_loading":true},
        {"type":"custom","name":"apply_patch","format":{"type":"grammar","syntax":"lark","definition":"start: x"}},
        {"type":"function","function":{"name":"nested","parameters":{}}},
        {"type":"web_search","search_context_size":"low"},{"type":"tool_search"}],
        "tool_choice":{"type":"custom","name":"apply_patch"}})");
    const auto& tools = r.chat().tools;
    REQUIRE(tools.size() == 6);
    CHECK(tools[0].strict);
    CHECK(tools[0].extra == std::vector<RawField>{{"odd", "1"}});
    CHECK(tools[0].parameters == R"({"type":"object"})");
    CHECK(tools[1].deferred);
    CHECK_FALSE(tools[1].strict);
    CHECK(tools[1].parameters.empty());
    CHECK(tools[2].kind == Tool::Kind::custom);
    CHECK(tools[2].parameters.find("lark") != std::string::npos);
    CHECK(tools[3].name == "nested");
    CHECK(tools[4].kind == Tool::Kind::hosted);
    CHECK(tools[4].name == "web_search");
    CHECK(tools[4].raw == R"({"type":"web_search","search_context_size":"low"})");
    CHECK(tools[5].name == "tool_search");
    CHECK(*r.chat().tool_choice == ToolChoice{ToolChoice::Mode::named, "apply_patch", {}});
}

TEST_CASE("responses: choices among tools") {
    const auto choice = [](const std::string& json) {
        return decoded(R"({"input":"x","tools":[{"type":"function","name":"f"},{"type":"web_search"},
            {"type":"namespace","name":"s","tools":[{"type":"function","name":"g"}]}],"tool_choice":)" +
                       json + "}");
    };
    using Mode = ToolChoice::Mode;
    CHECK(*choice("\"none\"").chat().tool_choice == ToolChoice{Mode::none, "", {}});
    CHECK(*choice("\"required\"").chat().tool_choice == ToolChoice{Mode::required, "", {}});
    CHECK(*choice(R"({"type":"function","name":"g"})").chat().tool_choice ==
          ToolChoice{Mode::named, "s__g", {}});
    CHECK(*choice(R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},
        {"type":"web_search"},{"type":"namespace","name":"s"}]})")
               .chat()
               .tool_choice == ToolChoice{Mode::required, "", {"f", "web_search", "s__g"}});
    const auto hosted = choice(R"({"type":"web_search_preview"})");
    CHECK_FALSE(hosted.chat().tool_choice);
    CHECK(hosted.extra == std::vector<RawField>{{"tool_choice", R"({"type":"web_search_preview"})"}});
}

TEST_CASE("responses: previous_response_id may replace the input") {
    CHECK(turns(decoded(R"({"previous_response_id":"resp_1"})")).empty());
    CHECK(turns(decoded(R"({"conversation":"conv_1"})")).empty());
    CHECK(turns(decoded(R"({"prompt":{"id":"p"},"input":[]})")).empty());
}

TEST_CASE("responses: a grammar that is nested as chat has it is the same grammar") {
    const auto format = [](const std::string& text) {
        return decoded(R"({"input":"x","tools":[{"type":"custom","name":"f","format":)" + text + "}]}")
            .chat()
            .tools.at(0)
            .parameters;
    };
    const std::string flat = R"({"type":"grammar","syntax":"lark","definition":"start: /a/"})";
    CHECK(format(flat) == flat);
    CHECK(format(R"({"type":"grammar","grammar":{"syntax":"lark","definition":"start: /a/"}})") == flat);
}

}  // namespace responses_requests_test
