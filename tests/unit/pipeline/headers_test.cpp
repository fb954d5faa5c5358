// Heads of answers and errors: the route, warnings, CORS, what of the upstream's fields is passed on.
#include "pipeline/delivery/delivery.h"
#include "rig.h"

namespace headers_test {

using namespace hearth;
using exchange::Dialect;

TEST_CASE("headers: an answer names its request and its route") {
    for (const bool stream : {false, true}) {
        test::Rig rig({"mistral"});
        rig.network.answer("mistral", test::answering({"Hello"}));
        const auto client = rig.chat(Dialect::openai, stream);
        CHECK(client->headers.get("x-hearth-request-id") == "req_test");
        CHECK(client->headers.get("x-hearth-route") ==
              "mistral/sim; place=cloud; reason=fallback 1 of chain");
        CHECK(client->headers.get("content-type")
                  .starts_with(stream ? "text/event-stream" : "application/json"));
        CHECK((client->headers.get("cache-control") == "no-cache") == stream);
    }
}

TEST_CASE("headers: an error after an attempt names the last one's route, one before any names none") {
    test::Rig rig({"mistral", "openai"});
    rig.network.reply("mistral", test::refusal(503));
    rig.network.reply("openai", test::refusal(500));
    const auto failed = rig.chat();
    CHECK(failed->status == 502);
    CHECK(failed->headers.get("x-hearth-route").starts_with("openai/sim; place=cloud"));
    const auto refused = rig.client("{");
    rig.handle(*refused, test::ingress_of(Dialect::openai));
    CHECK(refused->headers.find("x-hearth-route") == std::nullopt);
    CHECK(refused->headers.get("x-hearth-request-id") == "req_test");
}

TEST_CASE("headers: a browser's page may read answers, streams and errors") {
    for (const bool stream : {false, true}) {
        test::Rig rig({"mistral"});
        rig.caller.cors_origin = "https://app.example";
        rig.network.answer("mistral", test::answering({"Hello"}));
        rig.network.reply("mistral", test::refusal(503));
        for (const int status : {200, 502}) {
            const auto client = rig.chat(Dialect::openai, stream);
            CHECK(client->status == status);
            CHECK(client->headers.get("access-control-allow-origin") == "https://app.example");
            CHECK(client->headers.get("vary") == "origin");
        }
    }
    test::Rig rig({"mistral"});
    rig.network.answer("mistral", test::answering({"Hello"}));
    CHECK(rig.chat()->headers.find("access-control-allow-origin") == std::nullopt);
}

TEST_CASE("headers: the vendor's fields reach a client of its dialect, those of one hop and of ours do not") {
    for (const bool stream : {false, true}) {
        test::Rig rig({"mistral"});
        rig.network.answer("mistral", [](const test::Sent& sent) {
            auto reply = test::answer_to(sent, test::text_events({"Hello"}));
            for (const auto* name :
                 {"x-request-id", "x-ratelimit-remaining", "set-cookie", "connection", "server",
                  "x-hearth-route", "access-control-allow-origin", "content-length"})
                reply.headers.append(name, "vendor");
            return reply;
        });
        const auto client = rig.chat(Dialect::openai, stream);
        CHECK(client->headers.get("x-request-id") == "vendor");
        CHECK(client->headers.get("x-ratelimit-remaining") == "vendor");
        for (const auto* name :
             {"set-cookie", "connection", "server", "access-control-allow-origin", "content-length"})
            CHECK(client->headers.find(name) == std::nullopt);
        CHECK(client->headers.count("x-hearth-route") == 1);
        CHECK(client->headers.get("x-hearth-route") != "vendor");
    }
}

TEST_CASE("headers: names and reasons from elsewhere are made visible ASCII") {
    route::Model model;
    model.provider = "p";
    model.id = "caf\u00e9\r\nx: y";
    model.place = Place::lan;
    CHECK(pipeline::route_header({.model = &model, .reason = "a\tb"}) ==
          "p/caf????x: y; place=lan; reason=a?b");
}

TEST_CASE("errors: in the client's dialect, with the time to wait") {
    for (const auto dialect : test::kClients) {
        test::Rig rig({"mistral"});
        auto limited = test::refusal(429, "rate_limit_exceeded");
        limited.headers.append("retry-after-ms", "1500");
        rig.network.reply("mistral", limited);
        const auto client = rig.chat(dialect);
        CHECK(client->status == 429);
        CHECK(client->headers.get("retry-after") == "2");
        CHECK(client->headers.get("content-type") == "application/json");
        const auto expected = wire::client_codec(dialect)->error(test::error_of(Code::rate_limited, "x"));
        // The same members as any error of that dialect, with a message of its own.
        CHECK(client->bytes.substr(0, 8) == expected.body.substr(0, 8));
        CHECK(client->bytes.find("mistral") != std::string::npos);
        CHECK(rig.ledger.only().settlement.http_status == 429);
    }
}

TEST_CASE("warnings: what an answer loses on its way is told to the client while that is possible") {
    exchange::Citation citation;
    citation.url = "https://source.example/";
    const auto events = test::answer_events({exchange::TextDelta{0, "Hello"}, citation});
    for (const bool stream : {false, true}) {
        test::Rig rig({"engine"});
        rig.engine.batches = {events};
        const auto client = rig.chat(Dialect::ollama, stream);
        CHECK(client->status == 200);
        REQUIRE(rig.ledger.only().settlement.warnings.size() == 1);
        // The head of a stream has gone by then: the ledger alone knows.
        CHECK(client->headers.find("x-hearth-warning").has_value() == !stream);
    }
}

}  // namespace headers_test
