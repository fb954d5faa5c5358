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

TEST_CASE("words that clients know") {
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
    const auto rejected = openai::read_error(422, body);
    CHECK(rejected.code == Code::upstream_rejected);
    CHECK(rejected.message == "The upstream answered 422: bad");
    const auto reply = openai::error_reply(rejected);
    CHECK(reply.status == 422);
    CHECK(reply.body == body);
    // An HTML page is nothing that a client of this dialect could read.
    const auto page = openai::error_reply(openai::read_error(403, "<html>"));
    CHECK(page.status == 403);
    CHECK(page.body.find("The upstream answered 403.") != std::string::npos);
}

TEST_CASE("classes of an upstream's status") {
    const auto code = [](int status) { return openai::read_error(status, "").code; };
    CHECK(code(400) == Code::upstream_rejected);
    CHECK(code(401) == Code::upstream_rejected);
    CHECK(code(404) == Code::upstream_rejected);
    CHECK(code(408) == Code::upstream_failed);
    CHECK(code(409) == Code::upstream_failed);
    CHECK(code(429) == Code::rate_limited);
    CHECK(code(500) == Code::upstream_failed);
    CHECK(code(503) == Code::upstream_failed);
    CHECK(code(504) == Code::upstream_timeout);
    CHECK(code(302) == Code::upstream_failed);
    CHECK(openai::read_error(500, R"({"error":"plain"})").message == "The upstream answered 500: plain");
    CHECK(openai::read_error(500, R"({"detail":"starlette"})").message ==
          "The upstream answered 500: starlette");
    CHECK(openai::read_error(500, R"({"message":"mistral"})").message ==
          "The upstream answered 500: mistral");
}

}  // namespace errors_test
