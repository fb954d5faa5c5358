// Providers: the client's own bytes where the dialect is the same, a translated request elsewhere; what refusals mean.
#include "rig.h"

namespace provider_backend_test {

using namespace hearth;
using exchange::Dialect;

namespace {

std::unique_ptr<test::FakeClient> ask(test::Rig& rig, std::string body, Dialect dialect = Dialect::openai) {
    auto client = rig.client(std::move(body));
    rig.handle(*client, test::ingress_of(dialect));
    return client;
}

}  // namespace

TEST_CASE("provider: within one dialect the client's bytes go out, changed only in the model's name") {
    test::Rig rig({"mistral"});
    const std::string answer =
        "{ \"id\":\"c1\", \"new_field\" : "
        "1.50,\n\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"H\\u00e9\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_"
        "tokens\":7}}";
    rig.network.reply("mistral", test::Reply{.pieces = {answer}});
    const auto client = ask(rig,
                            "{\"model\" :\"chain\" ,\n \"unknown\":[1.0,\"\\u0041\"], "
                            "\"messages\":[{\"content\":\"x\",\"role\":\"user\"}]}");
    CHECK(rig.network.sent.front().body ==
          "{\"model\" :\"sim\" ,\n \"unknown\":[1.0,\"\\u0041\"], "
          "\"messages\":[{\"content\":\"x\",\"role\":\"user\"}]}");
    CHECK(rig.network.sent.front().target == "/v1/chat/completions");
    CHECK(client->bytes == answer);
    CHECK(rig.ledger.only().settlement.cost == test::kAnswerCost);
    CHECK(rig.ledger.only().settlement.finish == "stop");
}

TEST_CASE("provider: usage that Hearth asked for is settled and hidden from the client") {
    test::Rig rig({"openai"});
    rig.network.answer("openai", test::answering({"Hello"}));
    const auto client = rig.chat(Dialect::openai, true);
    CHECK(rig.network.sent.front().body.find(R"("include_usage":true)") != std::string::npos);
    CHECK(client->bytes.find("Hello") != std::string::npos);
    CHECK(client->bytes.find("prompt_tokens") == std::string::npos);
    CHECK(rig.ledger.only().settlement.usage.output == 7);
}

TEST_CASE("provider: of another dialect the request is translated, and so is the answer") {
    for (const auto dialect : test::kClients) {
        for (const bool stream : {false, true}) {
            const std::string provider = dialect == Dialect::anthropic ? "mistral" : "anthropic";
            test::Rig rig({provider});
            rig.network.answer(provider, test::answering({"Hel", "lo"}));
            const auto client = rig.chat(dialect, stream);
            const auto& sent = rig.network.sent.front();
            CHECK(sent.body.find("Question") != std::string::npos);
            CHECK(sent.target == (provider == "mistral" ? "/v1/chat/completions" : "/v1/messages"));
            CHECK(test::text_of(test::read_answer(dialect, stream, client->bytes)) == "Hello");
            CHECK(rig.ledger.only().settlement.usage.output == 7);
        }
    }
}

TEST_CASE("provider: what translation leaves out is a warning in the ledger and a header") {
    test::Rig rig({"anthropic"});
    rig.network.answer("anthropic", test::answering({"Hello"}));
    const auto client = ask(rig, test::chat_body(Dialect::openai, false, R"(,"logit_bias":{"5":1})"));
    CHECK(client->status == 200);
    const auto& warnings = rig.ledger.only().settlement.warnings;
    REQUIRE(warnings.size() == 1);
    CHECK(client->headers.get("x-hearth-warning") == warnings.front());
    CHECK(rig.network.sent.front().body.find("logit_bias") == std::string::npos);
}

TEST_CASE("provider: a refusal of the request is passed on, in its own words only within one dialect") {
    const auto refused = test::refusal(400, "invalid_request_error");
    test::Rig same({"mistral", "openai"});
    same.network.reply("mistral", refused);
    const auto own = same.chat();
    CHECK(own->status == 400);
    CHECK(own->bytes == refused.pieces.front());
    test::Rig across({"mistral", "openai"});
    across.network.reply("mistral", refused);
    const auto other = across.chat(Dialect::anthropic);
    CHECK(other->status == 400);
    CHECK(other->bytes.find(R"("type":"error")") != std::string::npos);
    CHECK(other->bytes.find("mistral rejected the request") != std::string::npos);
    CHECK(other->bytes.find("The vendor says no.") == std::string::npos);
}

TEST_CASE("provider: a wrong key, a limit, a fault and an unknown model lead to the next candidate") {
    for (const int status : {401, 402, 403, 404, 408, 429, 500, 529}) {
        test::Rig rig({"mistral", "openai"});
        rig.network.reply("mistral", test::refusal(status));
        rig.network.answer("openai", test::answering({"Hello"}));
        CHECK(rig.chat()->status == 200);
        REQUIRE(rig.ledger.only().attempts.size() == 1);
        CHECK(rig.ledger.only().attempts.front().http_status == status);
        CHECK(rig.ledger.only().attempts.front().cost == 0);
    }
}

TEST_CASE("provider: a page in place of an answer leads to the next candidate") {
    test::Rig rig({"mistral", "openai"});
    rig.network.reply("mistral", test::Reply{.type = "text/html", .pieces = {"<html>Log in</html>"}});
    rig.network.answer("openai", test::answering({"Hello"}));
    CHECK(rig.chat()->status == 200);
    CHECK(rig.ledger.only().attempts.front().code == Code::upstream_failed);
}

TEST_CASE("provider: opaque state that is refused is left out of the same candidate's second request") {
    test::Rig rig({"anthropic"});
    rig.network.reply(
        "anthropic",
        test::Reply{.status = 400,
                    .pieces = {R"({"type":"error","error":{"type":"invalid_request_error",)"
                               R"("message":"messages.1: Invalid `signature` in `thinking` block"}})"}});
    rig.network.answer("anthropic", test::answering({"Hello"}));
    const auto client = ask(
        rig,
        R"({"model":"chain","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"y"}]},{"role":"user","content":"z"}]})",
        Dialect::anthropic);
    CHECK(client->status == 200);
    REQUIRE(rig.network.sent.size() == 2);
    CHECK(rig.network.sent[0].body.find("c2ln") != std::string::npos);
    CHECK(rig.network.sent[1].body.find("c2ln") == std::string::npos);
    CHECK(rig.ledger.only().attempts.size() == 1);
}

TEST_CASE("provider: the key is sent in the place that the vendor wants, the client's own is not") {
    test::Rig rig({"mistral", "anthropic"});
    rig.network.reply("mistral", test::refusal(500));
    rig.network.answer("anthropic", test::answering({"Hello"}));
    auto client = rig.client(test::chat_body(Dialect::openai));
    client->request.headers.append("authorization", "Bearer of-the-client");
    rig.handle(*client, test::ingress_of(Dialect::openai));
    REQUIRE(rig.network.sent.size() == 2);
    CHECK(rig.network.sent[0].fields.find("authorization: Bearer key-of-the-test") != std::string::npos);
    CHECK(rig.network.sent[1].fields.find("x-api-key: key-of-the-test") != std::string::npos);
    for (const auto& sent : rig.network.sent) {
        CHECK(sent.headers.find("authorization") == std::nullopt);
        CHECK(sent.fields.find("of-the-client") == std::string::npos);
    }
}

TEST_CASE("provider: where no key is sent, each request is signed") {
    const auto bedrock = [](config::Config& config) {
        config::Provider row;
        row.id = "bedrock";
        row.base_url = "https://bedrock.example/v1";
        row.models = {"sim"};
        config.providers["bedrock"] = std::move(row);
    };
    test::Rig rig(
        {"bedrock"}, bedrock,
        {{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_REGION", "eu-west-1"}});
    rig.network.answer("bedrock", test::answering({"Hello"}));
    CHECK(rig.chat()->status == 200);
    const auto& sent = rig.network.sent.front();
    CHECK(sent.headers.get("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
    CHECK(sent.headers.find("x-amz-date").has_value());
    CHECK(sent.fields.find("secret") == std::string::npos);
}

TEST_CASE("provider: a first token that does not come in time leads to the next candidate") {
    test::Rig rig({"mistral", "openai"},
                  [](config::Config& config) { config.client.timeouts.first_token = milliseconds(2000); });
    test::Reply slow{.type = "text/event-stream", .pieces = {": waiting\n\n"}, .pause = seconds(5)};
    rig.network.reply("mistral", slow);
    rig.network.answer("openai", test::answering({"Hello"}));
    const auto client = rig.chat(Dialect::openai, true);
    CHECK(client->bytes.find("Hello") != std::string::npos);
    const auto& attempt = rig.ledger.only().attempts.front();
    CHECK(attempt.code == Code::upstream_timeout);
    CHECK(attempt.duration < ledger::microseconds(2'200'000));
    CHECK_FALSE(attempt.cost.has_value());
}

}  // namespace provider_backend_test
