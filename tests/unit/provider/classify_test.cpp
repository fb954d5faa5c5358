#include "provider/classify.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "provider/http_date.h"

namespace classify_test {

using namespace hearth;
using namespace hearth::provider;

namespace {

const Wall kNow = Wall(milliseconds(784'111'777'000));  // Sun, 06 Nov 1994 08:49:37 GMT

Provider row() {
    Provider provider;
    provider.id = "openai";
    provider.key_from = "OPENAI_API_KEY";
    return provider;
}

Failure of(int status, std::string_view body = {}, const http::HeaderList& headers = {}) {
    return classify(row(), status, headers, body, kNow);
}

http::HeaderList header(std::string_view name, std::string_view value) {
    http::HeaderList list;
    list.append(name, value);
    return list;
}

}  // namespace

TEST_CASE("each status and body: code, action and cause") {
    struct Row {
        int status;
        const char* body;
        Code code;
        RetryAction action;
        FailureCause cause;
    };
    const Row rows[] = {
        {400, R"({"error":{"message":"bad","code":null}})", Code::upstream_rejected, RetryAction::pass_on,
         FailureCause::request},
        {400,
         R"({"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}})",
         Code::upstream_rejected, RetryAction::without_opaque, FailureCause::request},
        {400,
         R"({"error":{"message":"x","type":"invalid_request_error","code":"invalid_encrypted_content"}})",
         Code::upstream_rejected, RetryAction::without_opaque, FailureCause::request},
        {400,
         R"({"error":{"code":400,"message":"Function call is missing a thought_signature in functionCall parts.","status":"INVALID_ARGUMENT"}})",
         Code::upstream_rejected, RetryAction::without_opaque, FailureCause::request},
        {413, "{}", Code::upstream_rejected, RetryAction::pass_on, FailureCause::request},
        {422, R"({"detail":[]})", Code::upstream_rejected, RetryAction::pass_on, FailureCause::request},
        {451, "", Code::upstream_rejected, RetryAction::pass_on, FailureCause::request},
        {401, "{}", Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {402, "{}", Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {403, "{}", Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {400, R"({"error":"Incorrect API key provided: xa***"})", Code::upstream_failed,
         RetryAction::next_candidate, FailureCause::credential},
        {404, "{}", Code::not_found, RetryAction::next_candidate, FailureCause::model},
        {400, R"({"error":{"message":"Model Not Exist"}})", Code::not_found, RetryAction::next_candidate,
         FailureCause::model},
        {408, "", Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        {409, "", Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        {429, "", Code::rate_limited, RetryAction::next_candidate, FailureCause::rate_limited},
        {429, R"({"error":{"code":"insufficient_quota"}})", Code::upstream_failed,
         RetryAction::next_candidate, FailureCause::credential},
        {500, "", Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        {504, "", Code::upstream_timeout, RetryAction::next_candidate, FailureCause::upstream},
        {503, "<html>", Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        {529, "", Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        {302, "", Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        // Anthropic
        {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
         Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        {400,
         R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}})",
         Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {400, R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"}})",
         Code::upstream_rejected, RetryAction::pass_on, FailureCause::request},
        // Google
        {429, R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Resource exhausted."}})",
         Code::rate_limited, RetryAction::next_candidate, FailureCause::rate_limited},
        {429,
         R"([{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota.","details":[{"retryDelay":"7s"}]}}])",
         Code::rate_limited, RetryAction::next_candidate, FailureCause::rate_limited},
        {400, R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid."}})",
         Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {400, R"({"error":{"code":400,"status":"FAILED_PRECONDITION","message":"User location"}})",
         Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {503, R"({"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}})",
         Code::upstream_failed, RetryAction::next_candidate, FailureCause::upstream},
        // AWS
        {400,
         R"({"__type":"com.amazon.coral.availability#ThrottlingException","message":"Too many requests"})",
         Code::rate_limited, RetryAction::next_candidate, FailureCause::rate_limited},
        {400, R"({"__type":"UnrecognizedClientException","message":"The security token is invalid."})",
         Code::upstream_failed, RetryAction::next_candidate, FailureCause::credential},
        {400, R"({"message":"The provided model identifier is invalid."})", Code::not_found,
         RetryAction::next_candidate, FailureCause::model},
        // Azure
        {404, R"({"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}})",
         Code::not_found, RetryAction::next_candidate, FailureCause::model},
    };
    for (const auto& r : rows) {
        CAPTURE(r.status);
        CAPTURE(r.body);
        const auto got = of(r.status, r.body);
        CHECK(got.error.code == r.code);
        CHECK(got.action == r.action);
        CHECK(got.cause == r.cause);
        CHECK(got.error.http_status == r.status);
        CHECK(got.error.message.find("openai") != std::string::npos);
    }
}

TEST_CASE("context overflow is recognised by code and by message") {
    for (
        const auto* body : {
            R"({"error":{"message":"m","type":"invalid_request_error","code":"context_length_exceeded"}})",
            R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","code":400})",
            R"({"error":{"code":400,"message":"x","type":"exceed_context_size_error","n_prompt_tokens":9001,"n_ctx":4096}})",
        }) {
        CAPTURE(body);
        const auto got = of(400, body);
        CHECK(got.error.code == Code::context_exceeded);
        CHECK(got.action == RetryAction::next_candidate);
        CHECK(got.cause == FailureCause::request);
        CHECK(got.error.upstream_body == body);
    }
    const auto numbers =
        of(400, R"({"error":{"type":"exceed_context_size_error","n_prompt_tokens":9001,"n_ctx":4096}})");
    CHECK(numbers.error.needed == 9001);
    CHECK(numbers.error.limit == 4096);
}

TEST_CASE("context overflow in each vendor's message, with both numbers where it has them") {
    struct Row {
        int status;
        const char* message;
        std::int64_t needed, limit;
    };
    const Row rows[] = {
        {400,
         "This model's maximum context length is 128000 tokens. However, your messages resulted in 130123 "
         "tokens.",
         130123, 128000},
        {400,
         "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300001 "
         "tokens.",
         300001, 272000},
        {400, "Your input exceeds the context window of this model.", 0, 0},
        {400, "prompt is too long: 211000 tokens > 200000 maximum", 211000, 200000},
        {400,
         "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
         210000, 200000},
        {400, "The input token count (1048580) exceeds the maximum number of tokens allowed (1048576).",
         1048580, 1048576},
        {400, "request (9001 tokens) exceeds the available context size (4096 tokens), try increasing it",
         9001, 4096},
        {400,
         "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in "
         "the "
         "messages, 1000 in the completion).",
         5000, 4096},
        {400,
         "'max_tokens' is too large: 1000. This model's maximum context length is 4096 tokens and your "
         "request "
         "has 4000 input tokens",
         0, 0},  // the prompt fits
        {500, "the input length exceeds the context length", 0, 0},
        {400,
         "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context "
         "length",
         40000, 32768},
        {413,
         "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7000, please "
         "reduce your message size",
         7000, 6000},
        {400,
         "This endpoint's maximum context length is 131,072 tokens. However, you requested about 150,000 "
         "tokens",
         150000, 131072},
        {400, "This model's maximum prompt length is 131072 but the request contains 140000 tokens.", 140000,
         131072},
        {400,
         "Please reduce the length of the messages. Current length is 10000 while limit is 8192 (maximum "
         "context length)",
         10000, 8192},
        {400,
         "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with "
         "context length of only 4096 tokens, which is not enough.",
         0, 0},
        {400, "Input is too long for requested model.", 0, 0},
    };
    for (const auto& r : rows) {
        CAPTURE(r.message);
        const auto got = of(r.status, std::string(R"({"error":{"message":")") + r.message + "\"}}");
        CHECK(got.error.code == Code::context_exceeded);
        CHECK(got.action == RetryAction::next_candidate);
        CHECK(got.error.needed == r.needed);
        CHECK(got.error.limit == r.limit);
    }
    CHECK(of(400, R"({"error":"the input length exceeds the context length"})").error.code ==
          Code::context_exceeded);
    CHECK(of(400, R"({"error":{"message":"limit 5, requested 9"}})").error.code == Code::upstream_rejected);
}

TEST_CASE("every place of an error's message is read") {
    for (const auto* body : {R"({"error":{"message":"Prompt is too long: 9 tokens > 5 maximum"}})",
                             R"({"error":"Prompt is too long: 9 tokens > 5 maximum"})",
                             R"({"error":{"code":400},"message":"Prompt is too long: 9 tokens > 5 maximum"})",
                             R"({"message":"Prompt is too long: 9 tokens > 5 maximum"})",
                             R"({"Message":"Prompt is too long: 9 tokens > 5 maximum"})",
                             R"({"detail":"Prompt is too long: 9 tokens > 5 maximum"})",
                             R"([{"error":{"message":"Prompt is too long: 9 tokens > 5 maximum"}}])"}) {
        CAPTURE(body);
        const auto got = of(400, body);
        CHECK(got.error.code == Code::context_exceeded);
        CHECK(got.error.needed == 9);
        CHECK(got.error.limit == 5);
    }
    const auto negative =
        of(400, R"({"error":{"type":"exceed_context_size_error","n_prompt_tokens":-1,"n_ctx":4096}})");
    CHECK(negative.error.needed == 0);
    CHECK(negative.error.limit == 4096);
    for (const auto* partial :
         {"prompt is too long: many", "prompt is too long: 5 tokens", "prompt is too long: -1 tokens > 5"}) {
        CAPTURE(partial);
        const auto got = of(400, std::string(R"({"error":{"message":")") + partial + "\"}}");
        CHECK(got.error.code == Code::context_exceeded);
        CHECK(got.error.needed == 0);
        CHECK(got.error.limit == 0);
    }
}

TEST_CASE("a body in an array is passed on as the one error in it") {
    const std::string error = R"({"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}})";
    const auto rejected = of(400, "[" + error + "\n]");
    CHECK(rejected.error.code == Code::upstream_rejected);
    CHECK(rejected.error.upstream_body == error);
    CHECK(of(400, " " + error + " ").error.upstream_body == " " + error + " ");
}

TEST_CASE("a vendor's error code and retry delay") {
    CHECK(
        of(429,
           R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"},{"retryDelay":"34.5s"}]}})")
            .error.retry_after_ms == 34'500);
    CHECK(of(429, R"({"error":{"details":[{"retryDelay":"34.074824224s"}]}})").error.retry_after_ms ==
          34'075);
    CHECK(of(429, R"({"error":{"details":[{"retryDelay":"34s"}]}})", header("retry-after", "2"))
              .error.retry_after_ms == 2'000);  // the header is the nearer word
    for (const auto* wrong : {"34", "s", "-1s", "nans", "1e999s"}) {
        CAPTURE(wrong);
        const auto got = of(429, std::string(R"({"error":{"details":[{"retryDelay":")") + wrong + "\"}]}}");
        CHECK(got.error.retry_after_ms.value_or(0) <= 86'400'000);
        CHECK(got.error.retry_after_ms.value_or(0) >= 0);
    }
    CHECK(of(503, R"({"error":{"code":503,"status":"UNAVAILABLE"}})").error.message.find("(UNAVAILABLE)") !=
          std::string::npos);
    const auto amazon = of(400, R"({"message":"Rate exceeded"})",
                           header("x-amzn-ErrorType", "ThrottlingException:http://internal.amazon.com/x"));
    CHECK(amazon.cause == FailureCause::rate_limited);
    CHECK(amazon.error.message.find("(ThrottlingException)") != std::string::npos);
}

TEST_CASE("bodies are passed on only as JSON, and never with a key or a sentence in our own message") {
    CHECK(of(400, R"({"error":{"message":"quoting the prompt"}})").error.upstream_body ==
          R"({"error":{"message":"quoting the prompt"}})");
    CHECK(of(400, R"({"error":{"message":"quoting the prompt"}})").error.message.find("quoting") ==
          std::string::npos);
    CHECK(of(400, "<html>proxy</html>").error.upstream_body.empty());
    CHECK(of(401, R"({"error":{"message":"wrong key sk-ab***"}})").error.upstream_body.empty());
    CHECK(of(500, R"({"error":{"code":"engine_down"}})").error.message.find("(engine_down)") !=
          std::string::npos);
    CHECK(of(500, R"({"error":{"code":"has spaces and CAPS"}})").error.message.find("CAPS") ==
          std::string::npos);
}

TEST_CASE("retry-after as seconds, milliseconds and dates") {
    const auto ms = [](std::string_view name, std::string_view value) {
        return retry_after_ms(header(name, value), kNow);
    };
    CHECK(ms("retry-after", "2") == 2'000);
    CHECK(ms("Retry-After", "0.25") == 250);
    CHECK(ms("retry-after", "-5") == 0);
    CHECK(ms("retry-after", "99999999") == 86'400'000);
    CHECK(ms("retry-after-ms", "1500") == 1'500);
    CHECK(ms("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT") == 10'000);
    CHECK(ms("retry-after", "Sunday, 06-Nov-94 08:49:47 GMT") == 10'000);
    CHECK(ms("retry-after", "Sun Nov  6 08:49:47 1994") == 10'000);
    CHECK(ms("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT") == 0);
    for (const auto* wrong : {"", "soon", "nan", "1s", "Sun, 06 Nov 1994", "Sun, 31 Feb 1994 08:49:37 GMT"}) {
        CAPTURE(wrong);
        CHECK(ms("retry-after", wrong) == std::nullopt);
    }
    auto both = header("retry-after", "9");
    both.append("retry-after-ms", "100");
    CHECK(retry_after_ms(both, kNow) == 100);
    CHECK(of(429, "", header("retry-after", "7")).error.retry_after_ms == 7'000);
    CHECK(of(503, "", header("retry-after", "7")).error.retry_after_ms == 7'000);
}

TEST_CASE("an answer of the wrong content type is an error") {
    const auto odd = [](int status, std::string_view type, bool stream,
                        exchange::Dialect dialect = exchange::Dialect::openai) {
        return wrong_type(row(), dialect, status, header("content-type", type), stream);
    };
    CHECK(!odd(200, "application/json; charset=utf-8", false));
    CHECK(!odd(200, "text/event-stream", true));
    CHECK(!odd(200, "Text/Event-Stream ; charset=utf-8", true));
    CHECK(!odd(200, "application/json", true));  // some answer a stream request whole; the decoder tells
    CHECK(odd(200, "text/event-stream", false));
    REQUIRE(odd(200, "text/html", true));
    CHECK(odd(200, "text/html", true)->action == RetryAction::next_candidate);
    CHECK(odd(200, "text/html", false)->error.message.find("text/html") != std::string::npos);
    CHECK(!odd(500, "text/html", false));
    CHECK(!wrong_type(row(), exchange::Dialect::openai, 200, {}, true));
    CHECK(odd(200, "application/x-ndjson", true));
    CHECK(!odd(200, "application/x-ndjson", true, exchange::Dialect::ollama));
    CHECK(odd(200, "application/x-ndjson", false, exchange::Dialect::ollama));
    CHECK(!odd(200, "application/json", true, exchange::Dialect::gemini));
}

TEST_CASE("any status and any body are classified with a message") {
    rc::check("classify is total", [](const std::string& body) {
        const auto status = *rc::gen::inRange(100, 700);
        const auto got = of(status, body);
        RC_ASSERT(!got.error.message.empty());
        RC_ASSERT(got.error.http_status == status);
        RC_ASSERT((got.action == RetryAction::pass_on) == (got.error.code == Code::upstream_rejected));
    });
}

}  // namespace classify_test
