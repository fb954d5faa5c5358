// What is written down of a request: one settlement about the last attempt, rows of the ones before, usage and cost.
#include "record_rig.h"

namespace record_test {

using namespace hearth;
using namespace hearth::pipeline;
using provider::FailureCause;
using test::answered;
using test::failing;
using test::kAnthropic;
using test::kLocal;
using test::kMistral;
using test::kOpenai;
using test::Recorded;

TEST_CASE("record: a delivered answer is settled once, with usage, cost, finish and times") {
    Recorded r;
    auto outcome = answered();
    outcome.first_token = r.rig.clock.mono() + milliseconds(4);
    r.attempt(kMistral, std::move(outcome), {"dropped: x"});
    const auto& settled = r.settle();
    CHECK(settled.status == ledger::Status::ok);
    CHECK(settled.error.empty());
    CHECK(settled.http_status == 200);
    CHECK(settled.usage.input == 5);
    CHECK(settled.usage.output == 7);
    CHECK(settled.cost == test::kAnswerCost);
    CHECK(settled.finish == "stop");
    CHECK(settled.warnings == std::vector<std::string>{"dropped: x"});
    CHECK(settled.first_token == ledger::microseconds(4000));
    CHECK(settled.total == ledger::microseconds(10'000));
    CHECK(std::ranges::count(r.rig.trace, "settle") == 1);
}

TEST_CASE("record: attempts before the last are rows of their own, with usage, cost, code and duration") {
    Recorded r;
    auto rejected = answered();
    rejected.result = AttemptResult::failed_before_first_byte;
    rejected.failure = failure(test::error_of(Code::answer_rejected, "No."), FailureCause::model);
    const auto started = r.rig.clock.wall();
    r.attempt(kMistral, std::move(rejected), {"first: w"}, milliseconds(30));
    r.attempt(kOpenai, failing(FailureCause::upstream));
    r.attempt(kAnthropic, answered());
    r.settle();
    const auto& entry = r.rig.ledger.only();
    REQUIRE(entry.attempts.size() == 2);
    const auto& first = entry.attempts[0];
    CHECK(first.to.provider == "mistral");
    CHECK(first.to.reason == "named");
    CHECK(first.code == Code::answer_rejected);
    CHECK(first.http_status == 0);
    CHECK(first.usage.output == 7);
    CHECK(first.cost == test::kAnswerCost);
    CHECK(first.warnings == std::vector<std::string>{"first: w"});
    CHECK(first.started == started);
    CHECK(first.duration == ledger::microseconds(30'000));
    const auto& second = entry.attempts[1];
    CHECK(second.to.provider == "openai");
    CHECK(second.code == Code::upstream_failed);
    CHECK(second.http_status == 503);
    CHECK(second.cost == 0);  // a refusal with a status is not billed
    CHECK(second.warnings.empty());
    CHECK(entry.intent.to.provider == "anthropic");
    CHECK(entry.total_cost() == 2 * test::kAnswerCost);
}

TEST_CASE("record: the status of a settlement by how the attempt ended") {
    const auto status_of = [](Outcome outcome, std::string_view error) {
        Recorded r;
        r.attempt(kMistral, std::move(outcome));
        const auto& settled = r.settle();
        CHECK(settled.error == error);
        return settled.status;
    };
    CHECK(status_of(answered(), "") == ledger::Status::ok);
    auto passed = answered();
    passed.http_status = 404;  // a provider's own answer about its files
    passed.answered = false;
    passed.failure = nullptr;
    CHECK(status_of(std::move(passed), "upstream_rejected") == ledger::Status::error);
    auto broken = failing(FailureCause::upstream, Code::upstream_broken, 0);
    broken.result = AttemptResult::failed_midstream;
    CHECK(status_of(std::move(broken), "upstream_broken") == ledger::Status::error);
    Outcome gone;
    gone.result = AttemptResult::client_disconnected;
    gone.answered = true;
    CHECK(status_of(std::move(gone), "cancelled") == ledger::Status::cancelled);
}

TEST_CASE(
    "record: when no candidate was left, the settlement has the answer's error and the last attempt's cost") {
    Recorded r;
    r.attempt(kMistral, failing(FailureCause::upstream));
    r.attempt(kOpenai, failing(FailureCause::rate_limited, Code::rate_limited, 429));
    const auto summary = test::error_of(Code::rate_limited, "All 2 candidates failed.");
    const auto& settled = r.settle(&summary);
    CHECK(settled.status == ledger::Status::error);
    CHECK(settled.error == "rate_limited");
    CHECK(settled.http_status == 429);
    CHECK(settled.cost == 0);
    CHECK(r.rig.ledger.only().intent.to.provider == "openai");
    CHECK(r.rig.ledger.only().attempts.size() == 1);
}

TEST_CASE("record: warnings and the first token of one candidate never appear with the next") {
    Recorded r;
    auto rejected = answered();
    rejected.result = AttemptResult::failed_before_first_byte;
    rejected.failure = failure(test::error_of(Code::answer_rejected, "No."), FailureCause::model);
    rejected.first_token = r.rig.clock.mono() + milliseconds(1);
    rejected.losses = {"lost: y"};
    r.attempt(kMistral, std::move(rejected), {"dropped: x"});
    SUBCASE("when it answers") {
        auto second = answered();
        second.first_token = r.rig.clock.mono() + milliseconds(5);
        r.attempt(kOpenai, std::move(second), {"own: z"});
        const auto& settled = r.settle();
        CHECK(settled.warnings == std::vector<std::string>{"own: z"});
        CHECK(settled.first_token == ledger::microseconds(15'000));
    }
    SUBCASE("when it fails") {
        r.attempt(kOpenai, failing(FailureCause::upstream));
        const auto error = test::error_of(Code::upstream_failed, "All failed.");
        const auto& settled = r.settle(&error);
        CHECK(settled.warnings.empty());
        CHECK_FALSE(settled.first_token.has_value());
        CHECK_FALSE(settled.usage.output.has_value());
        CHECK(settled.finish.empty());
    }
    CHECK(r.rig.ledger.only().attempts.front().warnings == std::vector<std::string>{"dropped: x", "lost: y"});
}

TEST_CASE("record: what an answer costs") {
    const auto cost = [](std::size_t step, Outcome outcome, Ingress ingress = {}) {
        Recorded r(std::move(ingress));
        r.attempt(step, std::move(outcome));
        return r.settle().cost;
    };
    CHECK(cost(kMistral, answered()) == test::kAnswerCost);
    CHECK(cost(kLocal, answered()) == 0);
    auto without_usage = answered();
    without_usage.usage = {};
    CHECK_FALSE(cost(kMistral, std::move(without_usage)).has_value());
    Outcome own;  // made by Hearth itself
    CHECK(cost(kMistral, std::move(own)) == 0);
    // Some usage of an answer that did not reach its end is not the whole.
    auto cut = failing(FailureCause::upstream, Code::upstream_broken, 0);
    cut.result = AttemptResult::failed_midstream;
    cut.answered = true;
    cut.usage = answered().usage;
    CHECK_FALSE(cost(kMistral, std::move(cut)).has_value());
    // A refusal is not billed; a request that got no answer in time may be.
    CHECK(cost(kMistral, failing(FailureCause::upstream, Code::upstream_failed, 500)) == 0);
    CHECK(cost(kMistral, failing(FailureCause::upstream, Code::upstream_connect, 0)) == 0);
    CHECK_FALSE(cost(kMistral, failing(FailureCause::upstream, Code::upstream_timeout, 0)).has_value());
}

TEST_CASE("record: counts of tokens are neither billed nor added to the usage") {
    Ingress ingress;
    ingress.dialect = exchange::Dialect::anthropic;
    ingress.call.kind = exchange::Kind::count;
    Recorded r(ingress, test::chat_body(exchange::Dialect::anthropic));
    auto outcome = answered();
    outcome.usage.output.reset();
    r.attempt(kAnthropic, std::move(outcome));
    const auto& settled = r.settle();
    CHECK(r.rig.ledger.only().intent.kind == "count");
    CHECK(settled.status == ledger::Status::ok);
    CHECK(settled.cost == 0);
    CHECK_FALSE(settled.usage.input.has_value());
}

TEST_CASE("record: a request that is refused before routing costs nothing and has no attempt") {
    Recorded r;
    r.rig.wait(r.record.refuse(test::error_of(Code::not_found, "No such model.")));
    const auto& entry = r.rig.ledger.only();
    CHECK(entry.settlement.status == ledger::Status::refused);
    CHECK(entry.settlement.http_status == 404);
    CHECK(entry.settlement.error == "not_found");
    CHECK(entry.settlement.cost == 0);
    CHECK(entry.intent.to.provider.empty());
    CHECK(entry.intent.to.place == Place::local);
    CHECK(r.rig.trace == std::vector<std::string>{"record"});
}

}  // namespace record_test
