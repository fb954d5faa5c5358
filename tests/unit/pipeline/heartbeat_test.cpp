// Signs of life of a stream that has no content yet.
#include "rig.h"

namespace heartbeat_test {

using namespace hearth;
using exchange::Dialect;

namespace {

void every_second(config::Config& config) {
    config.server.keep_alive_after = milliseconds(1000);
}

// The answer's bytes after `pause`.
test::FakeNetwork::Answer later(nanoseconds pause, std::string text) {
    return [pause, text](const test::Sent& sent) {
        auto reply = test::answer_to(sent, test::text_events({text}));
        reply.pause = pause;  // of the head, and of the bytes
        return reply;
    };
}

}  // namespace

TEST_CASE("heartbeat: the head goes out after a while, then a keep-alive at intervals, until content comes") {
    for (const auto dialect : test::kClients) {
        test::Rig rig({"mistral"}, every_second);
        rig.network.answer("mistral", later(milliseconds(1700), "Hello"));
        const auto begin = rig.loop.now();
        const auto client = rig.chat(dialect, true);
        CHECK(client->status == 200);
        CHECK(client->headers.get("x-hearth-route") == "pending");
        CHECK(client->headers.get("content-type") ==
              wire::client_codec(dialect)->stream_type(test::ingress_of(dialect, true).call));
        CHECK(client->head_at - begin >= milliseconds(1000));
        CHECK(client->head_at - begin < milliseconds(1200));
        const auto alive = wire::client_codec(dialect)->keep_alive();
        REQUIRE(client->writes.size() > 3);
        for (std::size_t i = 0; i < 3; ++i) CHECK(client->writes[i] == alive);  // in 3.4 seconds
        for (std::size_t i = 3; i < client->writes.size(); ++i) CHECK(client->writes[i] != alive);
        CHECK(test::text_of(test::read_answer(dialect, true, client->bytes)) == "Hello");
    }
}

TEST_CASE("heartbeat: none where content comes in time, for whole answers, or where it is switched off") {
    const auto route_of = [](nanoseconds pause, bool stream, const test::Rig::Change& change) {
        test::Rig rig({"mistral"}, change);
        rig.network.answer("mistral", later(pause, "Hello"));
        const auto client = rig.chat(Dialect::openai, stream);
        CHECK(client->status == 200);
        return std::string(client->headers.get("x-hearth-route"));
    };
    CHECK(route_of(milliseconds(3000), true, every_second) == "pending");
    CHECK(route_of(milliseconds(300), true, every_second) != "pending");
    CHECK(route_of(milliseconds(3000), false, every_second) != "pending");
    CHECK(route_of(milliseconds(3000), true, {}) != "pending");
}

TEST_CASE("heartbeat: failover stays open while nothing but signs of life has been sent") {
    test::Rig rig({"mistral", "anthropic"}, every_second);
    rig.network.reply("mistral", test::Reply{.status = 503, .pause = milliseconds(1500)});
    rig.network.answer("anthropic", later(milliseconds(100), "Hello"));
    const auto client = rig.chat(Dialect::openai, true);
    CHECK(test::text_of(test::read_answer(Dialect::openai, true, client->bytes)) == "Hello");
    CHECK(rig.step("head") < rig.step("send anthropic"));
    CHECK(rig.ledger.only().settlement.status == ledger::Status::ok);
}

TEST_CASE("heartbeat: an error after the head is an event, and the stream is broken off") {
    for (const auto dialect : test::kClients) {
        test::Rig rig({"mistral"}, every_second);
        rig.network.reply("mistral", test::Reply{.status = 503, .pause = milliseconds(1500)});
        const auto client = rig.chat(dialect, true);
        CHECK(client->status == 200);
        CHECK(client->broken_off);
        CHECK(rig.step("settle") < rig.step("break off"));
        const auto answer = test::read_answer(dialect, true, client->bytes);
        REQUIRE(answer.failure.has_value());
        CHECK(client->bytes.find("mistral failed") != std::string::npos);
        const auto& settlement = rig.ledger.only().settlement;
        CHECK(settlement.status == ledger::Status::error);
        CHECK(settlement.error == "upstream_failed");
    }
}

TEST_CASE("heartbeat: a client that has left gets no signs of life") {
    test::Rig rig({"mistral"}, every_second);
    const auto client = rig.client(test::chat_body(Dialect::openai, true));
    rig.network.answer("mistral", [&](const test::Sent& sent) {
        client->leave();
        return later(milliseconds(3000), "Hello")(sent);
    });
    rig.handle(*client, test::ingress_of(Dialect::openai, true));
    CHECK(client->status == 0);
    CHECK(client->writes.empty());
    CHECK(rig.ledger.only().settlement.status == ledger::Status::cancelled);
}

}  // namespace heartbeat_test
