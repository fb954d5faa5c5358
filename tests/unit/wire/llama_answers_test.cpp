// Answers and errors of llama-server's own endpoints, read and written.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/describe.h"
#include "unit/wire/generators.h"
#include "wire/codecs.h"
#include "wire/llama/answer.h"
#include "wire/llama/error.h"

namespace llama_answers_test {

using namespace wire_test;
namespace llama = hearth::wire::llama;

namespace {

std::string read(std::string_view bytes, std::size_t step, std::int64_t answers) {
    llama::StreamDecoder decoder(answers);
    std::vector<Event> events;
    for (std::size_t at = 0; at < bytes.size(); at += step)
        decoder.feed(std::string(bytes.substr(at, step)), events);
    decoder.finish(events);
    return describe(events) + describe(decoder.facts());
}

std::string events_of(std::string_view bytes, std::int64_t answers = 1) {
    const auto whole = read(bytes, bytes.size() + 1, answers);
    for (std::size_t step = 1; step < std::min<std::size_t>(bytes.size(), 300); ++step) {
        CAPTURE(step);
        REQUIRE(read(bytes, step, answers) == whole);
    }
    return whole;
}

Request asked() {
    Request out;
    out.dialect = Dialect::llama;
    out.kind = Kind::completion;
    out.body = Completion{{"p"}, std::nullopt};
    out.sampling.max_tokens = 8;
    return out;
}

wire::AnswerContext context_of(const Request& request) {
    wire::AnswerContext context;
    context.request = &request;
    context.model = "alias";
    return context;
}

std::string written(const std::vector<Event>& events) {
    const auto request = asked();
    const auto encoder = wire::client_codec(Dialect::llama)->stream(context_of(request));
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

constexpr std::string_view kEnd =
    R"("id_slot":-1,"stop":true,"model":"alias","generation_settings":{"n_predict":8,"stream":false},)";

}  // namespace

TEST_CASE("llama: a stream as llama-server sends it") {
    CHECK(events_of(
              "data: "
              "{\"index\":0,\"content\":\"\",\"tokens\":[],\"stop\":false,\"prompt_progress\":{\"total\":9}}"
              "\n\n"
              ": "
              "ping\n\ndata:{\"content\":\"a\",\"stop\":false,\"completion_probabilities\":[{\"id\":1,"
              "\"token\":\"a\","
              "\"bytes\":[97],\"logprob\":-0.5,\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-2}]}]}\r\n\r\n"
              "data: "
              "{\"index\":0,\"content\":\"\",\"stop\":true,\"model\":\"m\",\"stop_type\":\"word\",\"stopping_"
              "word\":"
              "\"END\",\"tokens_predicted\":3,\"tokens_evaluated\":9,\"tokens_cached\":12,\"timings\":{"
              "\"cache_n\":4,"
              "\"prompt_n\":5,\"prompt_ms\":1.5,\"predicted_n\":3,\"predicted_ms\":2}}\n\n") ==
          "started \"\" \"\" 0\ntext 0 \"a\"\nlogprobs 0 \"a\"=-0.5|\"b\"=-2\nfinish 0 stop at \"END\"\n"
          "usage in=9 out=3 cached=4 written=? reasoning=? timings 4 5 3 1.5 2\ndone\n"
          "events=3 content=true done=true finish[0]=stop in=9 out=3\n");
}

TEST_CASE("llama: two prompts end twice, and not before the second") {
    const std::string one =
        R"(data: {"index":0,"content":"a","stop":true,"stop_type":"limit","tokens_predicted":1})"
        "\n\n";
    const std::string two =
        R"(data: {"index":1,"content":"b","stop":true,"stop_type":"eos","tokens_predicted":2})"
        "\n\n";
    CHECK(events_of(one + two, 2) ==
          "started \"\" \"\" 0\ntext 0 \"a\"\nfinish 0 length\ntext 1 \"b\"\nfinish 1 stop\n"
          "usage in=? out=3 cached=? written=? reasoning=?\ndone\n"
          "events=2 content=true done=true finish[0]=length finish[1]=stop in=? out=3\n");
    CHECK(events_of(one, 2).find("error upstream_broken") != std::string::npos);
    // A relay is told of one answer only; it must not stop reading.
    const auto relay = wire::upstream_codec(Dialect::llama)->relay({});
    std::string out;
    for (const auto& bytes : {one, two}) {
        for (const auto piece : relay->feed(bytes)) out += piece;
        CHECK_FALSE(relay->over());
    }
    out += relay->finish();
    CHECK(out == one + two);
}

TEST_CASE("llama: streams that fail") {
    const auto fails = [](std::string_view bytes, std::string_view with) {
        const auto got = events_of(bytes);
        CAPTURE(got);
        CHECK(got.find(with) != std::string::npos);
        CHECK(got.find("\ndone\n") == std::string::npos);
    };
    const std::string begun = "data: {\"content\":\"a\",\"stop\":false}\n\n";
    fails(begun, "cut after event 1");
    fails(begun + "data: {\"content\":\"b\",\"st", "cut after event 1");
    fails(begun + "data: nonsense\n\n", "Event 2 of the upstream's stream is not a JSON object.");
    fails(begun + "data: {\"index\":128,\"content\":\"b\"}\n\n", "impossible index");
    fails(begun + R"(data: {"error":{"code":500,"message":"boom","type":"server_error"}})"
                  "\n\n",
          "error upstream_failed \"The upstream reported an error: boom\"");
    fails(R"(data: {"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_ctx":8}})"
          "\n\n",
          "error context_exceeded");
}

TEST_CASE("llama: written as llama-server sends it") {
    CHECK(
        written({Started{}, TextDelta{0, "a\n"}, Finish{0, FinishReason::stop, "END"},
                 UsageEvent{{9, 3, 4, {}, {}}, Timings{4, 5, 3, 10, 30}}, Done{}, TextDelta{0, "late"}}) ==
        R"(data: {"index":0,"content":"a\n","tokens":[],"stop":false,"id_slot":-1})"
        "\n\n"
        R"(data: {"index":0,"content":"","tokens":[],)" +
            std::string(kEnd) +
            R"("has_new_line":true,"truncated":false,"stop_type":"word","stopping_word":"END",)"
            R"("tokens_predicted":3,"tokens_evaluated":9,"tokens_cached":12,"timings":{"cache_n":4,"prompt_n":5,)"
            R"("prompt_ms":10,"prompt_per_token_ms":2,"prompt_per_second":500,"predicted_n":3,"predicted_ms":30,)"
            R"("predicted_per_token_ms":10,"predicted_per_second":100}})"
            "\n\n");
    Error error;
    error.code = Code::upstream_broken;
    error.message = "It broke.";
    CHECK(written({Started{}, error, Done{}}) ==
          R"(data: {"error":{"code":502,"message":"It broke.","type":"server_error"}})"
          "\n\n");
}

TEST_CASE("llama: whole answers both ways") {
    json::Document scratch;
    const auto& codec = *wire::upstream_codec(Dialect::llama);
    const auto one =
        codec.whole(Kind::completion, R"({"content":"a","stop":true,"stop_type":"limit","model":"m",
        "tokens_evaluated":2,"tokens_predicted":1,"timings":{"cache_n":1,"prompt_n":1,"predicted_n":1}})",
                    scratch);
    REQUIRE(one);
    CHECK(describe(unfold(*one)) ==
          "started \"\" \"m\" 0\ntext 0 \"a\"\nfinish 0 length\n"
          "usage in=2 out=1 cached=1 written=? reasoning=? timings 1 1 1 0 0\ndone\n");
    const auto several = codec.whole(
        Kind::completion, R"([{"index":1,"content":"b","stop":true},{"index":0,"content":"a"}])", scratch);
    REQUIRE(several);
    CHECK(several->choices.at(1).text == "b");
    const auto request = asked();
    const auto& client = *wire::client_codec(Dialect::llama);
    Answer answer;
    answer.choices.resize(1);
    answer.choices[0].text = "a";
    answer.usage.input = 2;
    CHECK(
        client.whole(context_of(request), answer) ==
        R"({"index":0,"content":"a","tokens":[],)" + std::string(kEnd) +
            R"("has_new_line":false,"truncated":false,"stop_type":"none","stopping_word":"","tokens_evaluated":2,)"
            R"("tokens_cached":2})");
    CHECK(client.whole(context_of(request), *several).starts_with(R"([{"index":0,"content":"a")"));
    for (const std::string_view bad : {"<html>", "{}", "[]", "[1]", R"({"error":{"message":"no"}})"}) {
        CAPTURE(bad);
        const auto answered = codec.whole(Kind::completion, bad, scratch);
        REQUIRE_FALSE(answered);
        CHECK(answered.error()->code == Code::upstream_failed);
    }
}

TEST_CASE("llama: what the encoder writes, the decoder reads back") {
    CHECK(rc::check([] {
        Answer sent, got;
        for (auto& event : some_stream(Kind::completion, 1)) fold(sent, std::move(event));
        sent.usage.cached_input = sent.usage.cache_write_input = sent.usage.reasoning_output = std::nullopt;
        const auto bytes = written(unfold(sent));
        llama::StreamDecoder decoder(1);
        std::vector<Event> events;
        decoder.feed(bytes, events);
        decoder.finish(events);
        for (auto& event : events) fold(got, std::move(event));
        RC_ASSERT(got.done);
        RC_ASSERT(got.choices[0].text == sent.choices[0].text);
        RC_ASSERT(got.choices[0].logprobs == sent.choices[0].logprobs);
        RC_ASSERT(got.timings == sent.timings);
        RC_ASSERT(got.usage.output == sent.usage.output);
    }));
}

TEST_CASE("llama: errors in llama-server's shape") {
    auto full = fail(Code::context_exceeded, "ours").error();
    full->needed = 9000;
    full->limit = 8192;
    CHECK(
        llama::error_body(*full) ==
        R"({"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (8192 tokens), )"
        R"(try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}})");
    const auto type = [](Code code) {
        const Error error = *fail(code, "m").error();
        json::Document document;
        const auto body = llama::error_reply(error).body;
        return std::string((*document.parse(body))["error"]["type"].as_string());
    };
    CHECK(type(Code::invalid_request) == "invalid_request_error");
    CHECK(type(Code::unauthenticated) == "authentication_error");
    CHECK(type(Code::forbidden) == "permission_error");
    CHECK(type(Code::not_found) == "not_found_error");
    CHECK(type(Code::unsupported) == "not_supported_error");
    CHECK(type(Code::overloaded) == "unavailable_error");
    CHECK(type(Code::internal) == "server_error");
    Error rejected{.code = Code::upstream_rejected, .http_status = 400};
    rejected.upstream_body = R"({"error":{"code":400,"message":"bad","type":"invalid_request_error"}} )";
    CHECK(llama::error_reply(rejected).body == rejected.upstream_body);
    rejected.http_status = 422;
    rejected.upstream_body = R"({"error":"words"})";
    CHECK(llama::error_reply(rejected).body ==
          R"({"error":{"code":422,"message":"words","type":"invalid_request_error"}})");
}

}  // namespace llama_answers_test
