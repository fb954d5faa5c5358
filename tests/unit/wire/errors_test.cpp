// Errors in OpenAI's shape, ours and an upstream's.
#include <doctest/doctest.h>

#include "text/json.h"
#include "wire/openai/error.h"

namespace errors_test {

using namespace hearth;
namespace openai = hearth::wire::openai;

namespace {
Error error_of(Code code, std::string message, std::string param = {}) {
    return fail(code, std::move(message), std::move(param)).error();
}
}  // namespace

TEST_CASE("every code has a status, a type and a body that is JSON") {
    for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
        const auto code = static_cast<Code>(i);
        CAPTURE(code_name(code));
        const auto reply = openai::error_reply(error_of(code, "said \"so\"\n"));
        CHECK(reply.status >= 400);
        json::Document document;
        const auto root = document.parse(reply.body);
        REQUIRE(root);
        const auto error = (*root)["error"];
        CHECK(error["message"].as_string() == "said \"so\"\n");
        CHECK_FALSE(error["type"].as_string().empty());
        CHECK(error["param"].is_null() == (code != Code::context_exceeded));
        CHECK(error["code"]);
    }
}

TEST_CASE("error bodies as clients expect them") {
    CHECK(
        openai::error_body(error_of(Code::invalid_request, "m", "messages[0].role")) ==
        R"({"error":{"message":"m","type":"invalid_request_error","param":"messages[0].role","code":null}})");
    CHECK(
        openai::error_body(error_of(Code::not_found, "m", "model")) ==
        R"({"error":{"message":"m","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
    CHECK(
        openai::error_body(error_of(Code::unauthenticated, "m")) ==
        R"({"error":{"message":"m","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})");
    auto full = error_of(Code::context_exceeded, "ours");
    full.needed = 9000;
    full.limit = 8192;
    CHECK(
        openai::error_body(full) ==
        R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in )"
        R"(9000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages",)"
        R"("code":"context_length_exceeded"}})");
    CHECK(openai::error_reply(full).status == 400);
    auto limited = error_of(Code::rate_limited, "wait");
    limited.retry_after_ms = 1001;
    CHECK(openai::error_reply(limited).status == 429);
    CHECK(openai::error_reply(limited).retry_after_s == 2);
    limited.retry_after_ms = -5;
    CHECK(openai::error_reply(limited).retry_after_s == 0);
}

TEST_CASE("an upstream's rejection passes unmodified") {
    const std::string body = R"( {"error":{"message":"bad","odd":1}} )";
    auto rejected = error_of(Code::upstream_rejected, "x rejected the request with 422.");
    rejected.http_status = 422;
    rejected.upstream_body = body;
    const auto reply = openai::error_reply(rejected);
    CHECK(reply.status == 422);
    CHECK(reply.body == body);
    rejected.upstream_body.clear();  // it was not JSON
    CHECK(openai::error_reply(rejected).status == 422);
    CHECK(openai::error_reply(rejected).body.find("x rejected the request with 422.") != std::string::npos);
}

}  // namespace errors_test
