// Whole answers, counts, errors and the list of models, both ways.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "wire/anthropic/codec.h"
#include "wire/anthropic/error.h"
#include "wire/anthropic/models.h"
#include "wire/codecs.h"

namespace anthropic_answers_test {

using namespace hearth;
using namespace hearth::exchange;
namespace anthropic = hearth::wire::anthropic;

namespace {

std::string whole(const Answer& answer, const Request& request = {}) {
    return anthropic::client_codec().whole({&request, "", "claude-x", "prov", "ID", 7}, answer);
}
Result<Answer> read(std::string_view body, Kind kind = Kind::chat) {
    json::Document scratch;
    return anthropic::upstream_codec().whole(kind, body, scratch);
}
Error made(Code code, std::string message = "m") {
    return fail(code, message).error();
}

}  // namespace

TEST_CASE("anthropic: the codecs are found") {
    CHECK(wire::client_codec(Dialect::anthropic) == &anthropic::client_codec());
    CHECK(wire::upstream_codec(Dialect::anthropic) == &anthropic::upstream_codec());
    const auto& codec = anthropic::upstream_codec();
    CHECK(codec.path(Kind::chat, "m", true) == "/messages");
    CHECK(codec.path(Kind::count, "m", false) == "/messages/count_tokens");
    CHECK_FALSE(codec.path(Kind::embedding, "m", false));
}

TEST_CASE("anthropic: a whole answer is written") {
    Answer answer;
    auto& choice = answer.choices.emplace_back();
    choice.reasoning = {{"hm", {"SIG", ""}}, {"", {"redacted:D", ""}}, {"plain", {}}};
    choice.text = "t";
    choice.citations = {{0, "https://x", "", "q", -1, -1}};
    choice.tool_calls = {{.id = "c1", .name = "f", .arguments = R"({"a":1})"},
                         {.name = "g", .opaque = {"TS", ""}}};
    choice.finish = FinishReason::tool_calls;
    answer.usage = {100, 9, 30, 20, 5};
    CHECK(whole(answer) ==
          R"({"id":"msg_ID","type":"message","role":"assistant","model":"claude-x","content":[)"
          R"({"type":"thinking","thinking":"hm","signature":"hearth:1:prov:SIG"},)"
          R"({"type":"redacted_thinking","data":"hearth:1:prov:redacted:D"},)"
          R"({"type":"thinking","thinking":"plain","signature":"hearth:1:prov:"},)"
          R"({"type":"text","text":"t","citations":[{"type":"web_search_result_location","cited_text":"q",)"
          R"("url":"https://x","title":null,"encrypted_index":"hearth:1:prov:"}]},)"
          R"({"type":"tool_use","id":"c1","name":"f","input":{"a":1}},)"
          R"({"type":"redacted_thinking","data":"hearth:1:prov:call:TS"},)"
          R"({"type":"tool_use","id":"toolu_ID1","name":"g","input":{}}],)"
          R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":50,)"
          R"("cache_creation_input_tokens":20,"cache_read_input_tokens":30,"output_tokens":9,)"
          R"("output_tokens_details":{"thinking_tokens":5}}})");
    Answer refused;
    refused.choices.emplace_back().refusal = "no";
    CHECK(whole(refused).find(R"("content":[{"type":"text","text":"no"}],"stop_reason":"refusal")") !=
          std::string::npos);
    Answer stopped;
    stopped.choices.emplace_back().stop_sequence = "END";
    CHECK(whole(stopped).find(R"("content":[],"stop_reason":"stop_sequence","stop_sequence":"END")") !=
          std::string::npos);
    Request quiet;
    quiet.body = Chat{.thinking = {.show = "omitted"}};
    Answer thought;
    thought.choices.emplace_back().reasoning = {{"hm", {}}};
    CHECK(whole(thought, quiet)
              .find(R"({"type":"thinking","thinking":"","signature":"hearth:1:prov:text:hm"})") !=
          std::string::npos);
    Request count;
    count.kind = Kind::count;
    Answer counted;
    counted.usage.input = 42;
    CHECK(whole(counted, count) == R"({"input_tokens":42})");
}

TEST_CASE("anthropic: a whole answer is read") {
    const auto answer = read(R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
        {"type":"thinking","thinking":"hm","signature":"SIG"},{"type":"redacted_thinking","data":"D"},
        {"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"q","document_title":"T"}]},
        {"type":"web_search_tool_result","content":[]},{"type":"text","text":"b"},
        {"type":"tool_use","id":"i","name":"f","input":{"a" : 1}},{"type":"tool_use","id":"j","name":"g","input":{}}],
        "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":15,"cache_creation_input_tokens":13,
        "cache_read_input_tokens":12,"output_tokens":21}})");
    REQUIRE(answer);
    CHECK(answer->id == "msg_1");
    CHECK(answer->model == "claude");
    CHECK(answer->usage == Usage{40, 21, 12, 13, {}});
    const auto& choice = answer->choices.at(0);
    CHECK(choice.reasoning == std::vector<Reasoning>{{"hm", {"SIG", ""}}, {"", {"redacted:D", ""}}});
    CHECK(choice.text == "ab");
    CHECK(choice.citations == std::vector<Citation>{{0, "", "T", "q", 0, 1}});
    CHECK(choice.tool_calls == std::vector<ToolCall>{{.id = "i", .name = "f", .arguments = R"({"a" : 1})"},
                                                     {.id = "j", .name = "g", .arguments = "{}"}});
    CHECK(choice.finish == FinishReason::tool_calls);
    CHECK(read(R"({"input_tokens":42})", Kind::count)->usage.input == 42);
}

TEST_CASE("anthropic: bodies that are not answers are errors") {
    for (const auto* body : {"<html>", "[]", "{}", R"({"choices":[]})"})
        CHECK_MESSAGE(read(body).error()->code == Code::upstream_failed, body);
    CHECK(read("{}", Kind::count).error()->code == Code::upstream_failed);
    CHECK(read(R"({"type":"error","error":{"type":"rate_limit_error","message":"w"}})").error()->code ==
          Code::rate_limited);
}

TEST_CASE("anthropic: Hearth's errors are written in Anthropic's shape") {
    for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
        const auto reply = anthropic::error_reply(made(static_cast<Code>(i), "said \"so\""));
        json::Document document;
        const auto root = document.parse(reply.body);
        REQUIRE(root);
        CHECK(reply.status >= 400);
        CHECK((*root)["type"].as_string() == "error");
        CHECK((*root)["error"]["message"].as_string() == "said \"so\"");
        CHECK_FALSE((*root)["error"]["type"].as_string().empty());
    }
    CHECK(anthropic::error_reply(made(Code::unauthenticated)).body ==
          R"({"type":"error","error":{"type":"authentication_error","message":"m"}})");
    CHECK(anthropic::error_reply(made(Code::overloaded)).status == 529);
    CHECK(anthropic::error_reply(made(Code::unsupported)).status == 400);
    auto full = made(Code::context_exceeded);
    full.needed = 210000;
    full.limit = 200000;
    CHECK(anthropic::error_reply(full).status == 400);
    CHECK(anthropic::error_reply(full).body ==
          R"({"type":"error","error":{"type":"invalid_request_error",)"
          R"("message":"prompt is too long: 210000 tokens > 200000 maximum"}})");
    auto wait = made(Code::rate_limited);
    wait.retry_after_ms = 1001;
    CHECK(anthropic::error_reply(wait).status == 429);
    CHECK(anthropic::error_reply(wait).retry_after_s == 2);
}

TEST_CASE("anthropic: an upstream's own error body passes when it is in Anthropic's shape") {
    const std::string body =
        R"( {"type":"error","error":{"type":"invalid_request_error","message":"messages.1.role: Input should be 'user'"},"request_id":"r"} )";
    Error rejected{.code = Code::upstream_rejected, .message = "x rejected it.", .http_status = 422};
    rejected.upstream_body = body;
    CHECK(anthropic::error_reply(rejected).status == 422);
    CHECK(anthropic::error_reply(rejected).body == body);
    rejected.http_status = 404;
    rejected.upstream_body = R"({"error":{"message":"no such model","code":null}})";
    CHECK(anthropic::error_reply(rejected).status == 404);
    CHECK(anthropic::error_reply(rejected).body ==
          R"({"type":"error","error":{"type":"not_found_error","message":"x rejected it."}})");
}

TEST_CASE("anthropic: an error inside a 200") {
    const auto read = [](const std::string& body) {
        json::Document document;
        const auto root = document.parse(body);
        REQUIRE(root);
        return anthropic::read_error_object(*root);
    };
    const auto of_type = [&](std::string_view type, std::string_view message = "m") {
        return read(
            fmt::format(R"({{"type":"error","error":{{"type":"{}","message":"{}"}}}})", type, message));
    };
    CHECK(of_type("overloaded_error").code == Code::upstream_failed);
    CHECK(of_type("timeout_error").code == Code::upstream_timeout);
    CHECK(of_type("rate_limit_error").code == Code::rate_limited);
    CHECK(of_type("invalid_request_error").code == Code::upstream_rejected);
    CHECK(of_type("new_error").code == Code::upstream_failed);
    CHECK(of_type("api_error", "boom").message == "The upstream reported an error: boom");
    CHECK(read(R"({"error":{}})").message == "The upstream reported an error without a message.");
    const auto full = of_type("invalid_request_error", "prompt is too long: 210001 tokens > 200000 maximum");
    CHECK(full.code == Code::context_exceeded);
    CHECK(full.needed == 210001);
    CHECK(full.limit == 200000);
    CHECK(anthropic::error_reply(full).status == 400);
    CHECK(anthropic::error_reply(full).body == full.upstream_body);
    for (const auto* partial :
         {"prompt is too long: many", "prompt is too long: 5 tokens", "prompt is too long: -1 tokens > 5"})
        CHECK(of_type("invalid_request_error", partial).code == Code::upstream_rejected);
}

TEST_CASE("anthropic: the list of models") {
    const std::vector<anthropic::ModelEntry> models{{"claude-local", "Local", 1763856000, 32768, 4096},
                                                    {"b", "", 0, {}, {}}};
    CHECK(
        anthropic::encode_models(models) ==
        R"({"data":[{"type":"model","id":"claude-local","display_name":"Local","created_at":"2025-11-23T00:00:00Z",)"
        R"("max_input_tokens":32768,"max_tokens":4096},)"
        R"({"type":"model","id":"b","display_name":"b","created_at":"1970-01-01T00:00:00Z"}],)"
        R"("has_more":false,"first_id":"claude-local","last_id":"b"})");
    CHECK(anthropic::encode_models({}, true) ==
          R"({"data":[],"has_more":true,"first_id":null,"last_id":null})");
    CHECK(anthropic::encode_model(models[1]) ==
          R"({"type":"model","id":"b","display_name":"b","created_at":"1970-01-01T00:00:00Z"})");
}

}  // namespace anthropic_answers_test
