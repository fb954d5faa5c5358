// Circuits of upstreams: the right to ask once, and the one report for each.
#include "upstream/circuits.h"

#include <doctest/doctest.h>

namespace circuits_test {

using namespace hearth;
using namespace hearth::upstream;
using provider::FailureCause;

namespace {

struct Watched {
    explicit Watched(std::size_t failures = 2) {
        config.route.circuit_failures = failures;
        config.route.circuit_open = milliseconds(30'000);
        circuits.emplace(config, clock);
    }
    void fail_once(FailureCause cause = FailureCause::upstream, std::optional<std::int64_t> wait = {}) {
        Error error;
        error.code = Code::upstream_failed;
        error.retry_after_ms = wait;
        auto trial = circuits->take("p");
        REQUIRE(trial.open());
        trial.failed(cause, error);
        CHECK_FALSE(trial.open());
    }
    [[nodiscard]] Circuits::Row row() const {
        REQUIRE(circuits->rows().size() == 1);
        return circuits->rows().front();
    }
    void pass(nanoseconds time) { clock.advance_to(clock.mono() + time); }

    config::Config config;
    SimulatedClock clock{Wall(milliseconds(1'800'000'000'000))};
    std::optional<Circuits> circuits;
};

route::Model model_of(std::string provider) {
    route::Model model;
    model.provider = std::move(provider);
    model.id = "m";
    return model;
}

}  // namespace

TEST_CASE("circuit: opens after failures in a row, lets one trial through, and closes when it succeeds") {
    Watched w(2);
    w.fail_once();
    CHECK(w.row().state == "closed");
    w.fail_once();
    CHECK(w.row().state == "open");
    CHECK(w.row().last_error == "upstream_failed");
    CHECK(w.circuits->retry_in_ms("p") == 30'000);
    CHECK_FALSE(w.circuits->take("p").open());
    w.pass(seconds(31));
    CHECK(w.circuits->retry_in_ms("p") == 0);
    auto trial = w.circuits->take("p");
    CHECK(trial.open());
    CHECK_FALSE(w.circuits->take("p").open());  // one at a time
    trial.succeeded();
    CHECK(w.row().state == "closed");
    CHECK(w.row().failures == 0);
    CHECK(w.row().last_error.empty());
    CHECK(w.circuits->take("p").open());
}

TEST_CASE("circuit: an answer in between starts the count anew") {
    Watched w(2);
    w.fail_once();
    w.circuits->take("p").succeeded();
    w.fail_once();
    CHECK(w.row().state == "closed");
}

TEST_CASE("circuit: what is wrong with the key, the model or the request says nothing against the upstream") {
    for (const auto cause : {FailureCause::credential, FailureCause::model, FailureCause::request}) {
        Watched w(2);
        w.fail_once();
        w.fail_once(cause);
        CHECK(w.row().failures == 0);
        CHECK(w.row().state == "closed");
    }
}

TEST_CASE("circuit: a limit opens it for as long as the upstream asks, a second when it does not say") {
    Watched asked;
    asked.fail_once(FailureCause::rate_limited, 7000);
    CHECK(asked.circuits->retry_in_ms("p") == 7000);
    CHECK(asked.row().failures == 0);
    Watched silent;
    silent.fail_once(FailureCause::rate_limited);
    CHECK(silent.circuits->retry_in_ms("p") == 1000);
}

TEST_CASE("trial: one that is dropped reports that it was abandoned, and the next may try") {
    Watched w(1);
    w.fail_once();
    w.pass(seconds(31));
    {
        const auto trial = w.circuits->take("p");
        CHECK(trial.open());
    }
    CHECK(w.circuits->counts().abandoned == 1);
    CHECK(w.row().state == "half_open");  // neither good nor bad
    CHECK(w.circuits->take("p").open());
}

TEST_CASE("trial: moving it moves the duty to report") {
    Watched w;
    auto first = w.circuits->take("p");
    auto second = std::move(first);
    CHECK_FALSE(first.open());  // NOLINT(bugprone-use-after-move): what is tested
    CHECK(second.open());
    second = w.circuits->take("q");  // the one that it held is reported
    CHECK(w.circuits->counts().abandoned == 1);
    second.succeeded();
    CHECK_FALSE(second.open());
    second.abandon();  // nothing is left to report
    const auto& counts = w.circuits->counts();
    CHECK(counts.taken == 2);
    CHECK(counts.succeeded == 1);
    CHECK(counts.abandoned == 1);
}

TEST_CASE("circuits: planning is told why a model is not asked now, and takes no trial") {
    Watched w(1);
    CHECK(w.circuits->unhealthy(model_of("p")).empty());
    w.fail_once();
    const auto taken = w.circuits->counts().taken;
    CHECK(w.circuits->unhealthy(model_of("p")) ==
          "it failed lately (upstream_failed) and is asked again in 30000 ms");
    CHECK(w.circuits->unhealthy(model_of("q")).empty());
    w.pass(seconds(31));
    CHECK(w.circuits->unhealthy(model_of("p")).empty());
    CHECK(w.circuits->counts().taken == taken);
    CHECK(w.circuits->take("p").open());
}

TEST_CASE("circuits: new options are those of circuits that are made from then on") {
    Watched w(5);
    w.fail_once();
    w.config.route.circuit_failures = 1;
    w.circuits->set_options(w.config);
    w.fail_once();
    CHECK(w.row().state == "closed");
    auto other = w.circuits->take("q");
    other.failed(FailureCause::upstream, Error{});
    CHECK_FALSE(w.circuits->take("q").open());
}

}  // namespace circuits_test
