// Whole answers, errors and listings of Ollama.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/codecs.h"
#include "wire/ollama/error.h"
#include "wire/ollama/models.h"

namespace ollama_answers_test {

using namespace wire_test;
using namespace hearth::exchange;
namespace ollama = hearth::wire::ollama;

namespace {

const wire::UpstreamCodec& upstream() {
    return *wire::upstream_codec(Dialect::ollama);
}

Answer answered(Kind kind, std::string_view body) {
    json::Document scratch;
    auto answer = upstream().whole(kind, body, scratch);
    INFO((answer ? std::string() : answer.error()->message));
    REQUIRE(answer);
    return std::move(*answer);
}

std::string written(const Request& request, std::string_view endpoint, const Answer& answer) {
    wire::AnswerContext context;
    context.request = &request;
    context.endpoint = endpoint;
    context.model = "alias";
    return wire::client_codec(Dialect::ollama)->whole(context, answer);
}

Error error_of(Code code, std::string message) {
    return fail(code, std::move(message)).error();
}

}  // namespace

TEST_CASE("ollama: whole answers both ways") {
    const auto answer = answered(
        Kind::chat,
        R"({"model":"m","created_at":"t","message":{"role":"assistant","content":"a","thinking":"r","tool_calls":[
        {"id":"c","function":{"name":"f","arguments":{}}}]},"done":true,"done_reason":"stop","prompt_eval_count":5,
        "prompt_eval_duration":1000000,"eval_count":2,"eval_duration":2000000})");
    CHECK(describe(unfold(answer)) ==
          "started \"\" \"m\" 0\nreasoning 0 \"r\"\ntext 0 \"a\"\ncall 0 0 \"c\" \"f\" \"{}\"\nfinish 0 "
          "tool_calls\n"
          "usage in=5 out=2 cached=? written=? reasoning=? timings 0 5 2 1 2\ndone\n");
    Request request;
    request.dialect = Dialect::ollama;
    Chat chat;
    chat.turns.emplace_back();
    request.body = chat;
    CHECK(
        written(request, "chat", answer) ==
        R"({"model":"alias","created_at":"1970-01-01T00:00:00.000000000Z","message":{"role":"assistant","content":"a",)"
        R"("thinking":"r","tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{}}}]},"done":true,)"
        R"("done_reason":"stop","total_duration":3000000,"load_duration":0,"prompt_eval_count":5,)"
        R"("prompt_eval_duration":1000000,"eval_count":2,"eval_duration":2000000})");
    CHECK(written(request, "generate", answer).find(R"(,"response":"a","thinking":"r","tool_calls":[)") !=
          std::string::npos);
    CHECK(answered(Kind::completion, R"({"response":"x","done":true})").choices.at(0).text == "x");
    CHECK(answered(Kind::chat, R"({"message":{"content":"x"}})").choices.at(0).finish == FinishReason::stop);
}

TEST_CASE("ollama: embeddings both ways") {
    const auto answer =
        answered(Kind::embedding, R"({"model":"m","embeddings":[[1,0.5],[2]],"prompt_eval_count":4})");
    REQUIRE(answer.embeddings.size() == 2);
    CHECK(answer.embeddings[1].index == 1);
    CHECK(answer.embeddings[0].values == std::vector<float>{1, 0.5});
    CHECK(answered(Kind::embedding, R"({"embedding":[0.25]})").embeddings.at(0).values ==
          std::vector<float>{0.25});
    Request request;
    request.kind = Kind::embedding;
    request.body = Embedding{};
    CHECK(written(request, "embed", answer) ==
          R"({"model":"alias","embeddings":[[1,0.5],[2]],"load_duration":0,"prompt_eval_count":4})");
    CHECK(written(request, "embeddings", answer) == R"({"embedding":[1,0.5]})");
    CHECK(written(request, "embeddings", {}) == R"({"embedding":[]})");
}

TEST_CASE("ollama: bodies that are not answers are errors") {
    static constexpr std::string_view kBad[] = {"<html>", "[]", "{}", R"({"error":"no"})",
                                                R"({"message":"text"})"};
    json::Document scratch;
    for (const auto body : kBad) {
        CAPTURE(body);
        for (const auto kind : {Kind::chat, Kind::embedding}) {
            const auto answer = upstream().whole(kind, body, scratch);
            REQUIRE_FALSE(answer);
            CHECK(answer.error()->code == Code::upstream_failed);
        }
    }
    CHECK_FALSE(upstream().whole(Kind::embedding, R"({"embeddings":[["a"]]})", scratch));
    CHECK_FALSE(upstream().whole(Kind::embedding, R"({"embeddings":[1]})", scratch));
    const auto facts =
        upstream().facts(Kind::chat, R"({"message":{"content":"a"},"done":true,"eval_count":3})", scratch);
    REQUIRE(facts);
    CHECK(facts->usage->output == 3);
    CHECK(facts->done);
}

TEST_CASE("ollama: errors are strings, with the status that belongs to them") {
    for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
        const auto code = static_cast<Code>(i);
        CAPTURE(code_name(code));
        const auto reply = ollama::error_reply(error_of(code, "said \"so\""));
        CHECK(reply.status >= 400);
        CHECK(reply.body == R"({"error":"said \"so\""})");
    }
    auto full = error_of(Code::context_exceeded, "ours");
    full.needed = 9000;
    full.limit = 8192;
    CHECK(ollama::error_reply(full).status == 400);
    CHECK(
        ollama::error_body(full) ==
        R"({"error":"the input length exceeds the context length: prompt is too long: 9000 tokens > 8192 maximum"})");
    auto limited = error_of(Code::rate_limited, "wait");
    limited.retry_after_ms = 1001;
    CHECK(ollama::error_reply(limited).retry_after_s == 2);
}

TEST_CASE("ollama: an upstream's rejection") {
    const std::string own = R"({"error" : "model 'x' not found"})";
    auto rejected = error_of(Code::upstream_rejected, "x rejected it.");
    rejected.http_status = 404;
    rejected.upstream_body = own;
    CHECK(ollama::error_reply(rejected).status == 404);
    CHECK(ollama::error_reply(rejected).body == own);
    rejected.http_status = 422;
    rejected.upstream_body = R"({"error":{"message":"bad","type":"t"}})";
    CHECK(ollama::error_reply(rejected).status == 422);
    CHECK(ollama::error_reply(rejected).body == R"({"error":"bad"})");
    rejected.upstream_body.clear();
    CHECK(ollama::error_reply(rejected).body == R"({"error":"x rejected it."})");
}

TEST_CASE("ollama: listings hold what editors look for") {
    ollama::ModelEntry model;
    model.name = "coder:7b";
    model.size = 4'000;
    model.digest = "ab";
    model.modified_at_s = 1'700'000'000;
    model.family = "qwen2";
    model.parameter_size = "7B";
    model.quantization_level = "Q4_K_M";
    model.capabilities = {"completion", "insert"};
    model.context_length = 32768;
    const std::string details =
        R"("details":{"parent_model":"","format":"gguf","family":"qwen2","families":["qwen2"],"parameter_size":"7B",)"
        R"("quantization_level":"Q4_K_M","context_length":32768})";
    CHECK(
        ollama::encode_tags({&model, 1}) ==
        R"({"models":[{"name":"coder:7b","model":"coder:7b","modified_at":"2023-11-14T22:13:20.000Z","size":4000,)"
        R"("digest":"ab",)" +
            details + R"(,"capabilities":["completion","insert"]}]})");
    const ollama::LoadedModel loaded{model, 3000, 8192, std::nullopt};
    CHECK(ollama::encode_ps({&loaded, 1}) ==
          R"({"models":[{"name":"coder:7b","model":"coder:7b","size":4000,"digest":"ab",)" + details +
              R"(,"expires_at":"2201-01-01T00:00:00.000Z","size_vram":3000,"context_length":8192}]})");
    ollama::ModelDetails show;
    show.model = model;
    show.basename = "Coder";
    show.parameter_count = 7'000'000'000;
    show.num_ctx = 8192;
    show.parameters = "stop  \"<|im_end|>\"";
    json::Document document;
    const auto text = ollama::encode_show(show);
    const auto root = document.parse(text);
    REQUIRE(root);
    const auto info = (*root)["model_info"];
    CHECK(info["general.architecture"].as_string() == "qwen2");
    CHECK(info["qwen2.context_length"].as_int() == 32768);
    CHECK(info["general.basename"].as_string() == "Coder");
    CHECK(info["general.parameter_count"].as_int() == 7'000'000'000);
    CHECK((*root)["capabilities"].at(1).as_string() == "insert");
    CHECK((*root)["template"].as_string().find(".Suffix") != std::string::npos);
    CHECK((*root)["parameters"].as_string() == "num_ctx                        8192\nstop  \"<|im_end|>\"");
    CHECK((*root)["details"]["family"].as_string() == "qwen2");
    show.model.capabilities = {"completion"};
    const auto chatty = ollama::encode_show(show);
    CHECK(chatty.find(".Suffix") == std::string::npos);
    CHECK(ollama::encode_version() == R"({"version":"0.13.5"})");
}

}  // namespace ollama_answers_test
