// Whole answers of the Responses dialect, counts and errors, both ways.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/codecs.h"
#include "wire/responses/items.h"

namespace responses_answers_test {

using namespace wire_test;
using namespace hearth::exchange;
namespace responses = hearth::wire::responses;

namespace {

const wire::ClientCodec& client() {
    return *wire::client_codec(Dialect::responses);
}
const wire::UpstreamCodec& upstream() {
    return *wire::upstream_codec(Dialect::responses);
}

Request asked(std::string_view body) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = client().decode({}, document);
    REQUIRE(request);
    return std::move(*request);
}

wire::AnswerContext context_of(const Request& request) {
    wire::AnswerContext context;
    context.request = &request;
    context.model = "asked";
    context.origin = "p";
    context.id = "ID";
    context.created_s = 7;
    return context;
}

Result<Answer> read(std::string_view body, Kind kind = Kind::chat) {
    json::Document scratch;
    return upstream().whole(kind, body, scratch);
}

std::string described(const Result<Answer>& answer) {
    if (!answer) return answer.error()->message;
    return describe(unfold(*answer));
}

}  // namespace

TEST_CASE("responses: a whole answer repeats what was asked") {
    const auto request = asked(
        R"({"model":"m","input":"x","max_output_tokens":20,"metadata":{"k":
        "v"},"tools":[{"type":"function","name":"f","parameters":{
        "type":"object"}},{"type":"web_search"}],"include":["reasoning.encrypted_content"],
        "reasoning":{"effort":"low","summary":"auto"},"store":false,"previous_response_id":"resp_0"})");
    Answer answer;
    auto& choice = answer.choices.emplace_back();
    choice.reasoning = {{"think", {"S", ""}}};
    choice.text = "hi";
    choice.citations = {Citation{0, "https://u", "T", "", 0, 2}};
    choice.tool_calls = {ToolCall{"c1", "f", "{}", false, {}}};
    choice.finish = FinishReason::tool_calls;
    answer.usage = Usage{10, 5, 4, {}, 3};
    answer.done = true;
    CHECK(
        client().whole(context_of(request), answer) ==
        R"({"id":"resp_ID","object":"response","created_at":7,"status":"completed","completed_at":7,"error":null,)"
        R"("incomplete_details":null,"model":"asked","output":[)"
        R"({"id":"rs_ID00","type":"reasoning","encrypted_content":"hearth:1:p:S",)"
        R"("summary":[{"type":"summary_text","text":"think"}]},)"
        R"({"id":"msg_ID01","type":"message","status":"completed","content":[{"type":"output_text",)"
        R"("annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://u","title":"T"}],)"
        R"("logprobs":[],"text":"hi"}],"role":"assistant"},)"
        R"({"id":"fc_ID02","type":"function_call","status":"completed","arguments":"{}","call_id":"c1","name":"f"}],)"
        R"("usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,)"
        R"("output_tokens_details":{"reasoning_tokens":3},"total_tokens":15},)"
        R"("background":false,"frequency_penalty":0,"instructions":null,"max_output_tokens":20,"max_tool_calls":null,)"
        R"("presence_penalty":0,"previous_response_id":"resp_0","prompt_cache_key":null,"safety_identifier":null,)"
        R"("service_tier":"default","store":false,"temperature":1,"top_logprobs":0,"top_p":1,"truncation":"disabled",)"
        R"("user":null,"metadata":{"k":         "v"},"parallel_tool_calls":true,)"
        R"("reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"text"},"verbosity":"medium"},)"
        R"("tool_choice":"auto","tools":[{"type":"function","name":"f","parameters":{         "type":"object"},)"
        R"("strict":false},{"type":"web_search"}]})");
    CHECK(responses::output_items(context_of(request), answer).size() == 3);
}

TEST_CASE("responses: encrypted reasoning is included only on request, and always stored") {
    const auto request = asked(R"({"input":"x"})");
    Answer answer;
    answer.choices.emplace_back().reasoning = {{"t", {}}};
    answer.choices[0].finish = FinishReason::length;
    const auto body = client().whole(context_of(request), answer);
    CHECK(body.find("encrypted_content") == std::string::npos);
    CHECK(body.find(R"("status":"incomplete","completed_at":null,"error":null,"incomplete_details":)"
                    R"({"reason":"max_output_tokens"})") != std::string::npos);
    CHECK(body.find(R"("usage":null)") != std::string::npos);
    CHECK(responses::output_items(context_of(request), answer) ==
          std::vector<std::string>{R"({"id":"rs_ID00","type":"reasoning","encrypted_content":"hearth:1:p:",)"
                                   R"("summary":[{"type":"summary_text","text":"t"}]})"});
}

TEST_CASE("responses: whole answers are read") {
    CHECK(
        described(read(
            R"({"id":"resp_1","object":"response","created_at":3,"model":"m","status":"completed","error":null,"output":[
        {"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"E"},
        {"type":"web_search_call","id":"ws"},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"é!","annotations":[]},
            {"type":"output_text","text":"hi","annotations":[{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":2},{"type":"file_citation"}],
             "logprobs":[{"token":"hi","bytes":[104,105],"logprob":-0.5,"top_logprobs":[{"token":"x","logprob":-1}]}]},{"type":"refusal","refusal":"no"}]},
        {"type":"image_generation_call","result":"QUJD","output_format":"webp"},
        {"type":"function_call","call_id":"c1","id":"fc","name":"f","arguments":"{}"},
        {"type":"custom_tool_call","call_id":"c2","name":"p","input":"x"}],
        "usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":6},"output_tokens":5,
        "output_tokens_details":{"reasoning_tokens":2}}})")) ==
        "started \"resp_1\" \"m\" 3\n"
        "reasoning 0 \"a\\n\\nb\" opaque \"E\"\n"
        "text 0 \"é!hi\"\n"
        "citation 0 \"u\" \"t\" \"\" 2 4\n"
        "media 0 image/webp 4\n"
        "refusal 0 \"no\"\n"
        "logprobs 0 \"hi\"=-0.5|\"x\"=-1\n"
        "call 0 0 \"c1\" \"f\" \"{}\"\n"
        "custom 0 1 \"c2\" \"p\" \"x\"\n"
        "finish 0 tool_calls\n"
        "usage in=30 out=5 cached=4 written=6 reasoning=2\n"
        "done\n");
    const auto finish = [](std::string_view rest) {
        const auto answer = read(R"({"output":[],)" + std::string(rest) + "}");
        REQUIRE(answer);
        return answer->choices.at(0).finish;
    };
    CHECK(finish(R"("status":"completed")") == FinishReason::stop);
    CHECK(finish(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})") ==
          FinishReason::length);
    CHECK(finish(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})") ==
          FinishReason::content_filter);
    CHECK(finish(R"("status":"incomplete")") == FinishReason::length);
}

TEST_CASE("responses: a body that is not an answer allows failover") {
    for (const std::string_view body :
         {"<html>", "[]", "{}", R"({"choices":[]})",
          R"({"object":"response","status":"in_progress","output":[]})", R"({"error":{"message":"m"}})",
          R"({"status":"failed","error":{"code":"server_error","message":"m"}})"}) {
        CAPTURE(body);
        const auto answer = read(body);
        REQUIRE_FALSE(answer);
        CHECK(answer.error()->code == Code::upstream_failed);
    }
    const auto limited =
        read(R"({"status":"failed","output":[],"error":{"code":"rate_limit_exceeded","message":"slow"}})");
    REQUIRE_FALSE(limited);
    CHECK(limited.error()->code == Code::rate_limited);
    CHECK(limited.error()->http_status == 429);
}

TEST_CASE("responses: counts, both ways") {
    const auto answer = read(R"({"object":"response.input_tokens","input_tokens":12})", Kind::count);
    REQUIRE(answer);
    CHECK(answer->usage.input == 12);
    CHECK_FALSE(read(R"({"object":"x"})", Kind::count));
    json::Document document;
    REQUIRE(document.parse(R"({"input":"x"})"));
    wire::Call call;
    call.kind = Kind::count;
    const auto request = client().decode(call, document);
    REQUIRE(request);
    CHECK(client().whole(context_of(*request), *answer) ==
          R"({"object":"response.input_tokens","input_tokens":12})");
}

TEST_CASE("responses: errors have OpenAI's shape") {
    Error full;
    full.code = Code::context_exceeded;
    full.needed = 9000;
    full.limit = 8192;
    const auto reply = client().error(full);
    CHECK(reply.status == 400);
    CHECK(reply.body.find(R"("code":"context_length_exceeded")") != std::string::npos);
    CHECK(reply.body.find("8192") != std::string::npos);
    const std::string_view body =
        R"({"error":{"message":"bad","type":"invalid_request_error","param":null,"code":null}})";
    Error error{.code = Code::upstream_rejected, .http_status = 400};
    error.upstream_body = body;
    CHECK(client().error(error).body == body);
}

}  // namespace responses_answers_test
