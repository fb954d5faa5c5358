// Requests written for an upstream of the Responses dialect.
#include <doctest/doctest.h>

#include "wire/codecs.h"
#include "wire/responses/request.h"

namespace responses_encode_test {

using namespace hearth;
using namespace hearth::exchange;
namespace responses = hearth::wire::responses;

namespace {

Request chat_of(std::vector<Turn> turns) {
    Request out;
    out.dialect = Dialect::anthropic;
    out.model = "m";
    Chat chat;
    chat.turns = std::move(turns);
    out.body = std::move(chat);
    return out;
}

Turn turn(Role role, std::vector<Part> parts) {
    Turn out;
    out.role = role;
    out.parts = std::move(parts);
    return out;
}

Turn result(std::string id, std::vector<Part> parts) {
    Turn out = turn(Role::tool, std::move(parts));
    out.tool_call_id = std::move(id);
    return out;
}

Text say(std::string words) {
    return {std::move(words), {}};
}

std::string input_of(const Request& request, const wire::UpstreamNeeds& needs = {}) {
    json::Document document;
    const auto body = responses::encode_request(request, needs);
    REQUIRE(document.parse(body));
    return std::string(document.root()["input"].raw());
}

}  // namespace

TEST_CASE("responses: a whole conversation goes out as items") {
    auto r = chat_of({turn(Role::system, {say("a"), say("b")}), turn(Role::system, {say("c")}),
                      turn(Role::user, {say("go"), Image{.media_type = "image/png", .data = "QUJD"}}),
                      turn(Role::assistant,
                           {Reasoning{"t", {"sig", "p"}}, say("look"), Refusal{"no"},
                            ToolCall{"c1", "f", "{}", false, {}}, ToolCall{"c2", "patch", "***", true, {}}}),
                      result("c1", {say("ok")}), result("c2", {say("x"), Image{.url = "https://i"}}),
                      turn(Role::system, {say("later")}), turn(Role::developer, {say("dev")})});
    CHECK(responses::encode_request(r, {.provider = "p", .model = "up"}) ==
          R"({"model":"up","instructions":"a\nb\nc","input":[)"
          R"({"type":"message","role":"user","content":[{"type":"input_text","text":"go"},)"
          R"({"type":"input_image","image_url":"data:image/png;base64,QUJD"}]},)"
          R"({"type":"reasoning","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"sig"},)"
          R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"look"},)"
          R"({"type":"refusal","refusal":"no"}]},)"
          R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},)"
          R"({"type":"custom_tool_call","call_id":"c2","name":"patch","input":"***"},)"
          R"({"type":"function_call_output","call_id":"c1","output":"ok"},)"
          R"({"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"x"},)"
          R"({"type":"input_image","image_url":"https://i"}]},)"
          R"({"type":"message","role":"system","content":[{"type":"input_text","text":"later"}]},)"
          R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"dev"}]}],)"
          R"("include":["reasoning.encrypted_content"],"store":false})");
    const auto other = input_of(r, {.provider = "q", .developer_as_system = true});
    CHECK(other.find("reasoning") == std::string::npos);
    CHECK(other.find("developer") == std::string::npos);
    const auto plain = input_of(r, {.provider = "q", .reasoning_content = true});
    CHECK(
        plain.find(R"({"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]})") !=
        std::string::npos);
}

TEST_CASE("responses: only the settings of the request are sent") {
    auto r = chat_of({turn(Role::user, {say("x")})});
    r.stream = true;
    r.sampling.max_tokens = 1;  // the vendor takes no less than 16
    r.sampling.temperature = 0.5;
    r.sampling.top_p = 0.25;
    r.sampling.logprobs = true;
    r.sampling.top_logprobs = 2;
    r.user = "u";
    r.cache_key = std::string(65, 'k');
    r.store = true;
    auto& chat = std::get<Chat>(r.body);
    chat.tools = {Tool{.name = "f", .description = "d"},
                  Tool{.name = "g", .parameters = "{}", .strict = true},
                  Tool{.kind = Tool::Kind::custom, .name = "c", .parameters = R"({"type":"text"})"}};
    chat.tool_choice = ToolChoice{ToolChoice::Mode::required, "", {"f", "c"}};
    chat.parallel_tool_calls = false;
    chat.response_format = ResponseFormat{ResponseFormat::Kind::json_schema, "", "", "{}", true};
    chat.reasoning_effort = "high";
    chat.thinking.show = "full";
    chat.verbosity = "low";
    CHECK(
        responses::encode_request(r, {}) ==
        R"({"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}],)"
        R"("tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{}},)"
        R"("strict":false},{"type":"function","name":"g","parameters":{},"strict":true},)"
        R"({"type":"custom","name":"c","format":{"type":"text"}}],)"
        R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},)"
        R"({"type":"custom","name":"c"}]},"parallel_tool_calls":false,)"
        R"("text":{"format":{"type":"json_schema","name":"answer","schema":{},"strict":true},"verbosity":"low"},)"
        R"("reasoning":{"effort":"high","summary":"auto"},"max_output_tokens":16,"temperature":0.5,"top_p":0.25,)"
        R"("top_logprobs":2,"include":["reasoning.encrypted_content","message.output_text.logprobs"],)"
        R"("store":true,"prompt_cache_key":"kkkkkkkk-)"
        R"(afcbfa12d8109b4a","user":"u","stream":true})");
    r.kind = Kind::count;
    const auto count = responses::encode_request(r, {});
    CHECK(count.find("store") == std::string::npos);
    CHECK(count.find("max_output_tokens") == std::string::npos);
    CHECK(count.find("\"tools\"") != std::string::npos);
}

TEST_CASE("responses: thinking is asked for as the client wants to see it") {
    const auto reasoning = [](Thinking thinking, std::string effort = {}) {
        auto r = chat_of({turn(Role::user, {say("x")})});
        std::get<Chat>(r.body).thinking = std::move(thinking);
        std::get<Chat>(r.body).reasoning_effort = std::move(effort);
        json::Document document;
        const auto body = responses::encode_request(r, {});
        REQUIRE(document.parse(body));
        return std::string(document.root()["reasoning"].raw()) +
               std::string(document.root()["include"].raw());
    };
    using Mode = Thinking::Mode;
    const std::string state = R"(["reasoning.encrypted_content"])";
    CHECK(reasoning({}).empty());
    CHECK(reasoning({Mode::adaptive, {}, ""}) == R"({"summary":"auto"})" + state);
    CHECK(reasoning({Mode::adaptive, {}, "omitted"}, "low") == R"({"effort":"low"})" + state);
    CHECK(reasoning({Mode::unset, {}, "detailed"}, "low") ==
          R"({"effort":"low","summary":"detailed"})" + state);
    CHECK(reasoning({}, "none") == R"({"effort":"none"})");
    CHECK(reasoning({Mode::off, {}, ""}).empty());
}

TEST_CASE("responses: files as the vendor takes them") {
    const auto files = [](File file) {
        const auto whole = input_of(chat_of({turn(Role::user, {std::move(file)})}));
        const auto from = whole.find("\"content\":[") + 11;
        return whole.substr(from, whole.size() - from - 3);
    };
    CHECK(files({.id = "f1"}) == R"({"type":"input_file","file_id":"f1"})");
    CHECK(
        files({.data = "JVBE", .media_type = "application/pdf"}) ==
        R"({"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,JVBE"})");
    CHECK(files({.name = "a.md", .data = "data:text/x;base64,QQ=="}) ==
          R"({"type":"input_file","filename":"a.md","file_data":"data:text/x;base64,QQ=="})");
    CHECK(files({.url = "https://x/b.pdf"}) == R"({"type":"input_file","file_url":"https://x/b.pdf"})");
    CHECK(files({.name = "n", .text = "words"}) == R"({"type":"input_text","text":"words"})");
}

TEST_CASE("responses: content without an equivalent stays readable as text") {
    // A picture that the assistant is said to have shown, an empty message, instructions and nothing else.
    CHECK(input_of(chat_of({turn(Role::assistant, {say("a"), Image{.url = "https://i"}, say("b")})})) ==
          R"([{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]},)"
          R"({"type":"message","role":"user","content":[{"type":"input_image","image_url":"https://i"}]},)"
          R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]}])");
    CHECK(input_of(chat_of({turn(Role::user, {})})) ==
          R"([{"type":"message","role":"user","content":[{"type":"input_text","text":""}]}])");
    CHECK(input_of(chat_of({turn(Role::user, {Foreign{"x", "{}"}}), turn(Role::user, {say("s")})})) ==
          R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"s"}]}])");
    CHECK(input_of(chat_of({turn(Role::system, {say("s")})})) ==
          R"([{"type":"message","role":"system","content":[{"type":"input_text","text":"s"}]}])");
    CHECK(input_of(chat_of({turn(Role::assistant, {ToolCall{"c", "f", "", false, {}}}), result("c", {})})) ==
          R"([{"type":"function_call","call_id":"c","name":"f","arguments":""},)"
          R"({"type":"function_call_output","call_id":"c","output":""}])");
}

TEST_CASE("responses: endpoints of an upstream") {
    const auto& codec = *wire::upstream_codec(Dialect::responses);
    CHECK(codec.path(Kind::chat, "m", true) == "/responses");
    CHECK(codec.path(Kind::count, "m", false) == "/responses/input_tokens");
    CHECK_FALSE(codec.path(Kind::embedding, "m", false));
    CHECK_FALSE(codec.path(Kind::completion, "m", false));
}

}  // namespace responses_encode_test
