// Requests of llama-server's own endpoints, read and written.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/generators.h"
#include "wire/codecs.h"
#include "wire/llama/request.h"

namespace llama_requests_test {

using namespace wire_test;
namespace llama = hearth::wire::llama;

namespace {

Result<Request> tried(std::string_view endpoint, std::string_view body) {
    json::Document document;
    REQUIRE(document.parse(body));
    wire::Call call;
    call.kind = Kind::completion;
    call.endpoint = endpoint;
    return llama::decode_request(call, document);
}

Request decoded(std::string_view endpoint, std::string_view body) {
    auto request = tried(endpoint, body);
    INFO((request ? std::string() : request.error()->message));
    REQUIRE(request);
    CHECK(request->dialect == Dialect::llama);
    CHECK(request->kind == Kind::completion);
    return std::move(*request);
}

const std::string& prompt_of(const Request& request) {
    REQUIRE(request.completion().prompts.size() == 1);
    return std::get<std::string>(request.completion().prompts[0]);
}

}  // namespace

TEST_CASE("llama: a completion with everything in it") {
    const auto r =
        decoded("completion", R"({"model":"m","prompt":"p","n_predict":9,"max_tokens":3,"stream":true,
        "temperature":2.5,"top_k":40,"top_p":0.9,"min_p":0.05,"repeat_penalty":1.1,"presence_penalty":1,
        "frequency_penalty":-1,"seed":-1,"stop":["a"],"grammar":"root ::= \"x\"","ignore_eos":true,"n_probs":50,
        "n_cmpl":2,"logit_bias":[[5,1.5],[6,false]],"cache_prompt":true,"id_slot":0,"samplers":["top_k"],
        "json_schema":{"type":"object"}})");
    CHECK(r.model == "m");
    CHECK(prompt_of(r) == "p");
    CHECK_FALSE(r.completion().suffix);
    CHECK(r.stream);
    CHECK(r.n == 2);
    const auto& s = r.sampling;
    CHECK(s.max_tokens == 9);  // its own name counts
    CHECK(s.temperature == 2.5);
    CHECK(s.top_k == 40);
    CHECK(s.repeat_penalty == 1.1);
    CHECK_FALSE(s.seed);
    CHECK(s.stop == std::vector<std::string>{"a"});
    CHECK(s.grammar == "root ::= \"x\"");
    CHECK(s.ignore_eos);
    CHECK(s.logprobs);
    CHECK(s.top_logprobs == 20);
    CHECK(s.logit_bias == std::vector<std::pair<std::int64_t, double>>{{5, 1.5}, {6, -100}});
    CHECK(r.extra == std::vector<RawField>{{"cache_prompt", "true"},
                                           {"id_slot", "0"},
                                           {"samplers", R"(["top_k"])"},
                                           {"json_schema", R"({"type":"object"})"}});
    CHECK_FALSE(decoded("completion", R"({"prompt":"p","max_tokens":3,"n_predict":-1})").sampling.max_tokens);
    CHECK(decoded("completion", R"({"prompt":"p","max_completion_tokens":3})").sampling.max_tokens == 3);
}

TEST_CASE("llama: prompts and biases in all their forms") {
    CHECK(std::get<TokenIds>(decoded("completion", R"({"prompt":[1,2]})").completion().prompts[0]) ==
          TokenIds{1, 2});
    CHECK(decoded("completion", R"({"prompt":["a",[1],"b"]})").completion().prompts.size() == 3);
    CHECK(decoded("completion", R"({"prompt":"","logit_bias":{"7":-3,"8":false,"9":500}})")
              .sampling.logit_bias ==
          std::vector<std::pair<std::int64_t, double>>{{7, -3}, {8, -100}, {9, 100}});
    const auto text = decoded("completion", R"({"prompt":"p","logit_bias":[[5,1],["word",2]]})");
    CHECK(text.sampling.logit_bias.empty());
    CHECK(text.extra == std::vector<RawField>{{"logit_bias", R"([[5,1],["word",2]])"}});
}

TEST_CASE("llama: infill puts the files, the prefix and the line before the cursor in front of the suffix") {
    const auto r = decoded("infill", R"({"input_prefix":"def f():\n","input_suffix":"\n","prompt":"    ret",
        "input_extra":[{"filename":"a.py","text":"A"},{"text":"B"}],"n_predict":128,"n_indent":4,"top_k":40,
        "samplers":["top_k","infill"],"cache_prompt":true,"t_max_prompt_ms":500,"t_max_predict_ms":1000})");
    CHECK(prompt_of(r) == "--- a.py ---\nA\n--- snippet ---\nB\ndef f():\n    ret");
    CHECK(r.completion().suffix == "\n");
    CHECK(r.sampling.max_tokens == 128);
    CHECK(r.extra.size() == 5);
    CHECK_FALSE(llama::is_warm_up(r));
    const auto warm = decoded("infill", R"({"input_prefix":"","input_suffix":"","n_predict":0})");
    CHECK(warm.completion().suffix == "");
    CHECK(warm.sampling.max_tokens == 0);
    CHECK(llama::is_warm_up(warm));
}

TEST_CASE("llama: bad requests name the field") {
    struct Bad {
        std::string_view endpoint, body, param;
    };
    static constexpr Bad kBad[] = {
        {"completion", "[]", ""},
        {"completion", R"({})", "prompt"},
        {"completion", R"({"prompt":{"prompt_string":"x"}})", "prompt"},
        {"completion", R"({"prompt":[1,"a"]})", "prompt[1]"},
        {"completion", R"({"prompt":[]})", "prompt"},
        {"completion", R"({"prompt":"p","input_prefix":"x"})", "input_prefix"},
        {"completion", R"({"prompt":"p","n_predict":"many"})", "n_predict"},
        {"completion", R"({"prompt":"p","n_predict":-3})", "n_predict"},
        {"completion", R"({"prompt":"p","n_cmpl":99})", "n_cmpl"},
        {"completion", R"({"prompt":"p","logit_bias":7})", "logit_bias"},
        {"completion", R"({"prompt":"p","logit_bias":[[1]]})", "logit_bias[0]"},
        {"completion", R"({"prompt":"p","logit_bias":[[1,true]]})", "logit_bias[0][1]"},
        {"completion", R"({"prompt":"p","logit_bias":[[-1,1]]})", "logit_bias[0]"},
        {"completion", R"({"prompt":"p","temperature":-1})", "temperature"},
        {"infill", R"({"input_suffix":""})", "input_prefix"},
        {"infill", R"({"input_prefix":""})", "input_suffix"},
        {"infill", R"({"input_prefix":"","input_suffix":"","prompt":[1]})", "prompt"},
        {"infill", R"({"input_prefix":"","input_suffix":"","input_extra":{}})", "input_extra"},
        {"infill", R"({"input_prefix":"","input_suffix":"","input_extra":[{}]})", "input_extra[0].text"},
        {"infill", R"({"input_prefix":"","input_suffix":"","input_extra":[{"text":"","filename":1}]})",
         "input_extra[0].filename"},
    };
    for (const auto& bad : kBad) {
        CAPTURE(bad.body);
        const auto request = tried(bad.endpoint, bad.body);
        REQUIRE_FALSE(request);
        CHECK(request.error()->code == Code::invalid_request);
        CHECK(request.error()->param == bad.param);
        CHECK_FALSE(request.error()->message.empty());
    }
}

TEST_CASE("llama: requests come back from their encoding") {
    CHECK(rc::check([] {
        auto request = some_request(Kind::completion);
        request.dialect = Dialect::llama;
        request.include_usage = false;
        request.user.clear();
        request.keep_alive_s.reset();
        request.context_tokens.reset();
        request.extra = {{"id_slot", "0"}, {".odd.name", "null"}};
        auto& s = request.sampling;
        if (s.seed && *s.seed < 0) s.seed.reset();
        s.top_logprobs = s.logprobs ? std::max<std::int64_t>(s.top_logprobs, 1) : 0;
        auto& body = std::get<Completion>(request.body);
        body.echo = false;
        if (flip()) {
            body = Completion{{some_text()}, some_text()};
        } else {
            body.suffix.reset();
        }
        const auto bytes = llama::encode_request(request);
        const auto back = tried(body.suffix ? "infill" : "completion", bytes);
        if (!back) RC_FAIL(back.error()->message + " in " + bytes);
        if (!(*back == request)) RC_FAIL(bytes + "\n came back as\n" + llama::encode_request(*back));
    }));
}

TEST_CASE("llama: paths and bodies for an upstream") {
    const auto& codec = *wire::upstream_codec(Dialect::llama);
    Request plain, fill;
    plain.kind = fill.kind = Kind::completion;
    plain.body = Completion{{"a"}, std::nullopt};
    fill.body = Completion{{"a"}, "b"};
    fill.sampling.max_tokens = 5;
    CHECK(codec.path(Kind::completion, "", false) == "/completion");
    CHECK_FALSE(codec.path(Kind::chat, "", false));
    CHECK(codec.path_of(plain, "", "m") == "/completion");
    CHECK(codec.path_of(fill, "", "m") == "/infill");
    CHECK(codec.path_of(fill, "infill", "m") == "/infill");
    wire::UpstreamNeeds needs;
    needs.model = "m";
    CHECK(codec.encode(plain, needs) == R"({"model":"m","prompt":"a"})");
    CHECK(codec.encode(fill, needs) ==
          R"({"model":"m","input_prefix":"a","input_suffix":"b","n_predict":5})");
}

}  // namespace llama_requests_test
