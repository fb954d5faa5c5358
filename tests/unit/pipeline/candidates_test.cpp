// Who is asked next after which failure, and what the client is told when nobody is left.
#include "pipeline/candidates.h"

#include <doctest/doctest.h>

#include "rig.h"

namespace candidates_test {

using namespace hearth;
using namespace hearth::pipeline;
using provider::FailureCause;
using provider::RetryAction;

namespace {

struct Planned {
    explicit Planned(std::initializer_list<const char*> providers) {
        for (const auto* name : providers) {
            auto& model = models.emplace_back();
            model.provider = name;
            model.id = "m";
        }
        for (const auto& model : models) plan.steps.push_back({.model = &model, .reason = "named"});
    }
    std::deque<route::Model> models;
    route::Plan plan;
};

provider::Failure failing(std::string message, RetryAction action = RetryAction::next_candidate,
                          std::optional<std::int64_t> wait = std::nullopt) {
    provider::Failure out{test::error_of(Code::upstream_failed, std::move(message)), action,
                          FailureCause::upstream};
    out.error.retry_after_ms = wait;
    return out;
}

std::string name_of(const Candidates& candidates) {
    const auto next = candidates.current();
    return next.step ? next.step->model->provider : "none";
}

}  // namespace

TEST_CASE("candidates are asked in the plan's order, each once, until none is left") {
    const Planned planned{"a", "b", "c"};
    Candidates candidates(planned.plan, 10);
    CHECK(name_of(candidates) == "a");
    CHECK(candidates.failed(failing("1")));
    CHECK(name_of(candidates) == "b");
    CHECK(candidates.failed(failing("2")));
    CHECK(name_of(candidates) == "c");
    CHECK_FALSE(candidates.failed(failing("3")));
    CHECK(name_of(candidates) == "none");
}

TEST_CASE("no more candidates are asked than the configuration allows") {
    const Planned planned{"a", "b", "c"};
    Candidates candidates(planned.plan, 2);
    CHECK(candidates.failed(failing("1")));
    CHECK_FALSE(candidates.failed(failing("2")));
    CHECK(name_of(candidates) == "none");
}

TEST_CASE("a candidate that refuses opaque state is asked once more without it, and only once") {
    const Planned planned{"a", "b"};
    Candidates candidates(planned.plan, 10);
    CHECK_FALSE(candidates.current().without_opaque);
    CHECK(candidates.failed(failing("state", RetryAction::without_opaque)));
    CHECK(name_of(candidates) == "a");
    CHECK(candidates.current().without_opaque);
    SUBCASE("the second failure leads to the next candidate, which gets the state") {
        CHECK(candidates.failed(failing("down")));
        CHECK(name_of(candidates) == "b");
        CHECK_FALSE(candidates.current().without_opaque);
    }
    SUBCASE("the same refusal again is the answer") {
        CHECK_FALSE(candidates.failed(failing("still", RetryAction::without_opaque)));
        CHECK(candidates.summary().message == "still");
    }
}

TEST_CASE("a refusal that is passed on ends the search, and is the answer in its own words") {
    const Planned planned{"a", "b", "c"};
    Candidates candidates(planned.plan, 10);
    CHECK(candidates.failed(failing("a is down")));
    CHECK_FALSE(candidates.failed(failing("bad request", RetryAction::pass_on)));
    CHECK(name_of(candidates) == "none");
    CHECK(candidates.summary().message == "bad request");
}

TEST_CASE("the summary names each candidate, has the first one's code and the soonest time to retry") {
    const Planned planned{"a", "b", "c"};
    Candidates candidates(planned.plan, 10);
    auto first = failing("limit", RetryAction::next_candidate, 9000);
    first.error.code = Code::rate_limited;
    first.error.upstream_body = "{}";
    CHECK(candidates.failed(std::move(first)));
    CHECK(candidates.failed(failing("busy", RetryAction::next_candidate, 2000)));
    CHECK_FALSE(candidates.failed(failing("down")));
    const auto error = candidates.summary();
    CHECK(error.code == Code::rate_limited);
    CHECK(error.message == "All 3 candidates failed: a/m: limit b/m: busy c/m: down");
    CHECK(error.retry_after_ms == 2000);
    CHECK(error.upstream_body.empty());
}

TEST_CASE(
    "after failover and a refusal that is passed on, the ledger names the step that refused, with its cost") {
    test::Rig rig({"mistral", "openai", "anthropic"});
    rig.network.reply("mistral", test::refusal(503));
    rig.network.reply("openai", test::refusal(400, "invalid_request_error"));
    const auto client = rig.chat();
    CHECK(client->status == 400);
    CHECK(client->bytes == test::refusal(400, "invalid_request_error").pieces.front());
    CHECK(client->headers.get("x-hearth-route").starts_with("openai/sim;"));
    const auto& entry = rig.ledger.only();
    CHECK(entry.intent.to.provider == "openai");
    CHECK(entry.settlement.status == ledger::Status::error);
    CHECK(entry.settlement.http_status == 400);
    CHECK(entry.settlement.cost == 0);
    REQUIRE(entry.attempts.size() == 1);
    CHECK(entry.attempts.front().to.provider == "mistral");
}

TEST_CASE("a last candidate that may have charged leaves the cost unknown, not zero") {
    test::Rig rig({"mistral", "openai"});
    rig.network.reply("mistral", test::refusal(503));
    test::Reply cut;
    cut.pieces = {"{\"id\":"};
    cut.cut = true;
    rig.network.reply("openai", cut);
    const auto client = rig.chat();
    CHECK(client->status == 502);
    const auto& entry = rig.ledger.only();
    CHECK(entry.intent.to.provider == "openai");
    CHECK_FALSE(entry.settlement.cost.has_value());
    CHECK(entry.attempts.front().cost == 0);
    CHECK_FALSE(entry.total_cost().has_value());
}

}  // namespace candidates_test
