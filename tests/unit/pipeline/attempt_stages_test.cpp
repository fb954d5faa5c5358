// What is done for a candidate before it is asked: ledger row, upstream, permit, circuit.
#include "pipeline/record.h"
#include "rig.h"
#include "unit/pipeline/rows.h"

namespace attempt_stages_test {

using namespace hearth;
using namespace hearth::pipeline;
using exchange::Dialect;

namespace {

// A decoded request and an attempt at one model, before any stage of the attempt.
struct Prepared {
    explicit Prepared(std::string provider, Dialect dialect = Dialect::openai, std::string body = {},
                      test::Rig::Change change = {})
        : rig({"mistral"}, change),
          client(rig.client(body.empty() ? test::chat_body(dialect) : std::move(body))),
          context(rig.ports, *client, rig.caller, test::ingress_of(dialect)),
          record(rig.ports, context) {
        model.provider = std::move(provider);
        model.id = "sim";
        if (model.provider == route::kEngine) model.place = Place::local;
        REQUIRE(rig.wait(decode(rig.ports, context)));
    }

    test::Rig rig;
    std::unique_ptr<test::FakeClient> client;
    RequestContext context;
    Record record;
    route::Model model;
    const route::Step step{.model = &model, .reason = "named"};
    Attempt attempt{step, false};
};

}  // namespace

TEST_CASE("reserve: the row of a request says who asks, what for and where it goes") {
    test::Rig rig;
    rig.caller.key = "key-1";
    rig.network.answer("mistral", test::answering({"Hello"}));
    CHECK(rig.chat(Dialect::anthropic)->status == 200);
    CHECK(rig.step("begin mistral") < rig.step("send mistral"));
    const auto& intent = rig.ledger.only().intent;
    CHECK(intent.request_id == "req_test");
    CHECK(intent.client == "test");
    CHECK(intent.key == "key-1");
    CHECK(intent.project == "default");
    CHECK(intent.dialect == "anthropic");
    CHECK(intent.kind == "chat");
    CHECK(intent.requested_model == "chain");
    CHECK(intent.to.place == Place::cloud);
    CHECK(intent.estimated_input_tokens > 0);
    CHECK(rig.network.sent.front().entry == "1");  // the permit names the row
}

TEST_CASE("reserve: a candidate whose row cannot be written is passed over, and nothing is sent to it") {
    test::Rig rig({"mistral", "anthropic"});
    rig.ledger.refused_provider = "mistral";
    rig.network.answer("anthropic", test::answering({"Hello"}));
    CHECK(rig.chat()->status == 200);
    CHECK(rig.steps() == "begin mistral, begin anthropic, send anthropic, settle, respond");
    CHECK(rig.ledger.only().attempts.empty());
}

TEST_CASE("reserve: when no row can be written, the client is answered all the same") {
    test::Rig rig;
    rig.ledger.refused_provider = "mistral";
    const auto client = rig.chat();
    CHECK(client->status == 503);
    CHECK(rig.ledger.entries.empty());
    CHECK(rig.network.sent.empty());
}

TEST_CASE("resolve: our own engine needs no upstream") {
    Prepared p(route::kEngine);
    CHECK(resolve(p.rig.ports, p.context, p.record, p.attempt));
    CHECK(p.attempt.upstream == nullptr);
    CHECK(p.attempt.wire == nullptr);
    CHECK(obtain_permit(p.rig.ports, p.context, p.record, p.attempt));
    CHECK_FALSE(p.attempt.permit.has_value());
    CHECK(take_trial(p.rig.ports, p.context, p.record, p.attempt));
    CHECK_FALSE(p.attempt.trial.open());
}

TEST_CASE("resolve: a body of another dialect than its endpoint's is translated") {
    Prepared p("mistral", Dialect::openai,
               R"({"model":"chain","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]})");
    REQUIRE(p.context.request().dialect == Dialect::responses);
    REQUIRE(resolve(p.rig.ports, p.context, p.record, p.attempt));
    CHECK(p.attempt.wire->dialect == Dialect::openai);
    CHECK_FALSE(p.attempt.same_dialect);
}

TEST_CASE("resolve: a provider without an address is unavailable") {
    Prepared p("no-such-provider");
    const auto resolved = resolve(p.rig.ports, p.context, p.record, p.attempt);
    REQUIRE_FALSE(resolved);
    CHECK(resolved.error()->code == Code::unavailable);
    CHECK(resolved.error()->message.find("no-such-provider") != std::string::npos);
}

TEST_CASE("permit: for the upstream's host and the model's place") {
    Prepared p("mistral");
    REQUIRE(resolve(p.rig.ports, p.context, p.record, p.attempt));
    REQUIRE(obtain_permit(p.rig.ports, p.context, p.record, p.attempt));
    REQUIRE(p.attempt.permit.has_value());
    CHECK(p.attempt.permit->host() == "mistral.example");
    CHECK(p.attempt.permit->place() == Place::cloud);
}

TEST_CASE("permit: what the policy denies is refused, even where planning has let it through") {
    Prepared p("mistral", Dialect::openai, {},
               [](config::Config& config) { config.policy.lan = config::Decision::deny; });
    p.model.place = Place::lan;  // stricter than its provider: the model's place decides
    REQUIRE(resolve(p.rig.ports, p.context, p.record, p.attempt));
    const auto permitted = obtain_permit(p.rig.ports, p.context, p.record, p.attempt);
    REQUIRE_FALSE(permitted);
    CHECK(permitted.error()->code == Code::forbidden);
    CHECK_FALSE(p.attempt.permit.has_value());
}

TEST_CASE("circuit: while it is open, the candidate is unavailable and the time to wait is told") {
    Prepared p("mistral", Dialect::openai, {}, [](config::Config& config) {
        config.route.circuit_failures = 1;
        config.route.circuit_open = milliseconds(30'000);
    });
    REQUIRE(resolve(p.rig.ports, p.context, p.record, p.attempt));
    p.rig.circuits.take("mistral").failed(provider::FailureCause::upstream, Error{});
    p.rig.clock.advance_to(p.rig.clock.mono() + seconds(10));
    const auto taken = take_trial(p.rig.ports, p.context, p.record, p.attempt);
    REQUIRE_FALSE(taken);
    CHECK(taken.error()->code == Code::unavailable);
    CHECK(taken.error()->retry_after_ms == 20'000);
    CHECK_FALSE(p.attempt.trial.open());
}

TEST_CASE("circuit: one request tries an upstream that was down, others pass it over meanwhile") {
    Prepared p("mistral", Dialect::openai, {},
               [](config::Config& config) { config.route.circuit_failures = 1; });
    REQUIRE(resolve(p.rig.ports, p.context, p.record, p.attempt));
    p.rig.circuits.take("mistral").failed(provider::FailureCause::upstream, Error{});
    p.rig.clock.advance_to(p.rig.clock.mono() + seconds(31));
    REQUIRE(take_trial(p.rig.ports, p.context, p.record, p.attempt));
    CHECK(p.attempt.trial.open());
    Attempt second(p.step, false);
    second.upstream = p.attempt.upstream;
    const auto taken = take_trial(p.rig.ports, p.context, p.record, second);
    REQUIRE_FALSE(taken);
    CHECK(taken.error()->code == Code::unavailable);
    CHECK(taken.error()->retry_after_ms > 0);
    p.attempt.trial.succeeded();
    CHECK(take_trial(p.rig.ports, p.context, p.record, second));
}

}  // namespace attempt_stages_test
