// Models of the local engine: what is asked of it, what its answers and failures become.
#include "rig.h"

namespace engine_backend_test {

using namespace hearth;
using exchange::Dialect;

namespace {

constexpr auto kLocal = "local-sim:latest";

std::unique_ptr<test::FakeClient> ask(test::Rig& rig, std::string body, pipeline::Ingress ingress) {
    auto client = rig.client(std::move(body));
    rig.handle(*client, std::move(ingress));
    return client;
}

pipeline::Ingress kind_of(Dialect dialect, exchange::Kind kind) {
    pipeline::Ingress ingress;
    ingress.dialect = dialect;
    ingress.call.kind = kind;
    return ingress;
}

}  // namespace

TEST_CASE("engine: an answer costs nothing, needs no permit and no circuit") {
    test::Rig rig({"engine"});
    rig.engine.batches = {test::text_events({"Hello", " there"})};
    const auto client = rig.chat();
    CHECK(test::text_of(test::read_answer(Dialect::openai, false, client->bytes)) == "Hello there");
    CHECK(rig.steps() == "begin engine, generate local-sim:latest, settle, respond");
    const auto& entry = rig.ledger.only();
    CHECK(entry.intent.to.place == Place::local);
    CHECK(entry.settlement.cost == 0);
    CHECK(entry.settlement.usage.output == 7);
    CHECK(rig.circuits.counts().taken == 0);
    CHECK(rig.network.sent.empty());
}

TEST_CASE("engine: a model's own settings fill in what the request leaves unsaid") {
    test::Rig rig({"engine"});
    auto model = test::Rig::local_model();
    model.settings.system = "Be brief.";
    model.settings.parameters = R"({"temperature":0.25})";
    rig.directory.set_own({model});
    rig.engine.batches = {test::text_events({"x"})};
    rig.chat();
    const auto& asked = rig.engine.last_request;
    REQUIRE(asked.chat().turns.size() == 2);
    CHECK(asked.chat().turns.front().role == exchange::Role::system);
    CHECK(std::get<exchange::Text>(asked.chat().turns.front().parts.front()).text == "Be brief.");
    CHECK(asked.sampling.temperature == 0.25);
    rig.chat(Dialect::openai, false, R"(,"temperature":1)");
    CHECK(rig.engine.last_request.sampling.temperature == 1.0);
    rig.chat(Dialect::anthropic, false, R"(,"system":"Own words.")");
    REQUIRE(rig.engine.last_request.chat().turns.size() == 2);
    CHECK(std::get<exchange::Text>(rig.engine.last_request.chat().turns.front().parts.front()).text ==
          "Own words.");
}

TEST_CASE("engine: a model that was removed after planning is passed over") {
    test::Rig rig({"mistral", "engine"});
    rig.network.answer("mistral", [&](const test::Sent&) {
        rig.directory.set_own({});
        return test::refusal(503);
    });
    const auto client = rig.chat();
    CHECK(client->status >= 500);
    CHECK(client->bytes.find("'local-sim' has been removed") != std::string::npos);
    CHECK(rig.step("generate local-sim:latest") == -1);
    CHECK(rig.ledger.only().settlement.cost == 0);
}

TEST_CASE("engine: requests without a prompt load or unload the model") {
    test::Rig rig({"engine"});
    const auto loaded =
        ask(rig, R"({"model":"chain","stream":false,"keep_alive":60})", test::ingress_of(Dialect::ollama));
    CHECK(loaded->status == 200);
    CHECK(loaded->bytes.find(R"("done_reason":"load")") != std::string::npos);
    CHECK(rig.step(std::string("load ") + kLocal) >= 0);
    CHECK(rig.engine.last_options.keep_alive == seconds(60));
    const auto body = R"({"model":"chain","stream":false,"keep_alive":0})";
    const auto unloaded = ask(rig, body, test::ingress_of(Dialect::ollama));
    CHECK(unloaded->bytes.find(R"("done_reason":"unload")") != std::string::npos);
    CHECK(rig.step(std::string("unload ") + kLocal) >= 0);
    // A model that is not loaded is unloaded already; any other failure is one.
    rig.engine.error = test::error_of(Code::not_found, "It is not loaded.");
    CHECK(ask(rig, body, test::ingress_of(Dialect::ollama))->status == 200);
    rig.engine.error = test::error_of(Code::unavailable, "The worker has died.");
    CHECK(ask(rig, body, test::ingress_of(Dialect::ollama))->status == 503);
    CHECK(rig.step(std::string("generate ") + kLocal) == -1);
}

TEST_CASE("engine: it counts tokens itself, exactly") {
    test::Rig rig({"engine"});
    const auto client =
        ask(rig, test::chat_body(Dialect::anthropic), kind_of(Dialect::anthropic, exchange::Kind::count));
    CHECK(client->bytes == R"({"input_tokens":7})");
    CHECK(client->headers.find("x-hearth-warning") == std::nullopt);
    CHECK(rig.engine.last_request.kind == exchange::Kind::chat);
    CHECK(rig.step(std::string("count ") + kLocal) >= 0);
    rig.engine.error = test::error_of(Code::unavailable, "The model could not be loaded.");
    CHECK(ask(rig, test::chat_body(Dialect::anthropic), kind_of(Dialect::anthropic, exchange::Kind::count))
              ->status == 503);
}

TEST_CASE("engine: what it cannot do is refused, or left out with a warning") {
    test::Rig rig({"engine"});
    rig.engine.batches = {test::text_events({"x"})};
    const auto client =
        rig.chat(Dialect::openai, false, R"(,"tools":[{"type":"web_search"}],"unknown_field":1)");
    CHECK(client->status == 200);
    CHECK_FALSE(client->headers.get("x-hearth-warning").empty());
    CHECK_FALSE(rig.ledger.only().settlement.warnings.empty());
    CHECK(rig.engine.last_request.extra.empty());
}

TEST_CASE("engine: a failure before content leads to the next candidate, after content it ends the stream") {
    test::Rig rig({"engine", "mistral"});
    const Error died = test::error_of(Code::unavailable, "The worker has died.");
    rig.engine.batches = {{exchange::Started{}}, {died}};
    rig.network.answer("mistral", test::answering({"Hello"}));
    const auto answered = rig.chat(Dialect::openai, true);
    CHECK(test::text_of(test::read_answer(Dialect::openai, true, answered->bytes)) == "Hello");
    REQUIRE(rig.ledger.entries.back().attempts.size() == 1);
    CHECK(rig.ledger.entries.back().attempts.front().code == Code::unavailable);
    rig.engine.batches = {{exchange::Started{}, exchange::TextDelta{0, "Part"}}, {died}};
    const auto broken = rig.chat(Dialect::openai, true);
    CHECK(broken->broken_off);
    CHECK(broken->bytes.find("Part") != std::string::npos);
    CHECK(broken->bytes.find("The worker has died.") != std::string::npos);
    CHECK(rig.ledger.entries.back().settlement.status == ledger::Status::error);
    CHECK(rig.ledger.entries.back().settlement.error == "unavailable");
}

}  // namespace engine_backend_test
