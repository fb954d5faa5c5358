#include "provider/circuit.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace circuit_test {

using namespace hearth;
using namespace hearth::provider;

namespace {
Mono at(std::int64_t s) {
    return Mono(seconds(1'000'000 + s));
}
const Circuit::Options kOptions{.failures = 3, .open_for = seconds(10), .max_open = seconds(60)};
}  // namespace

TEST_CASE("consecutive failures open the circuit; one trial at a time closes it or keeps it open") {
    Circuit circuit(kOptions);
    circuit.failed(at(0));
    circuit.failed(at(0));
    circuit.succeeded();
    circuit.failed(at(1));
    circuit.failed(at(1));
    CHECK(circuit.allow(at(1)));
    circuit.failed(at(1));
    CHECK(circuit.state(at(1)) == Circuit::State::open);
    CHECK(!circuit.allow(at(1)));
    CHECK(circuit.retry_in(at(4)) == seconds(7));
    CHECK(!circuit.allow(at(10)));
    CHECK(circuit.state(at(11)) == Circuit::State::half_open);
    CHECK(circuit.would_allow(at(11)));
    CHECK(circuit.allow(at(11)));
    CHECK(!circuit.allow(at(11)));  // the trial is out
    circuit.failed(at(12));
    CHECK(circuit.retry_in(at(12)) == seconds(20));  // doubled
    CHECK(circuit.allow(at(32)));
    circuit.succeeded();
    CHECK(circuit.state(at(32)) == Circuit::State::closed);
    CHECK(circuit.allow(at(32)));
    CHECK(circuit.allow(at(32)));
    CHECK(circuit.failures() == 0);
}

TEST_CASE("a 429 opens the circuit for the given time and does not count as a failure") {
    Circuit circuit(kOptions);
    circuit.limited(at(0), seconds(5));
    CHECK(circuit.failures() == 0);
    CHECK(!circuit.allow(at(4)));
    CHECK(circuit.allow(at(5)));
    circuit.succeeded();
    CHECK(circuit.state(at(5)) == Circuit::State::closed);
    circuit.limited(at(6), seconds(100'000));
    CHECK(circuit.retry_in(at(6)) == seconds(600));
    circuit.limited(at(700), nanoseconds(0));
    CHECK(circuit.would_allow(at(700)));
}

TEST_CASE("answers to requests sent before the circuit opened do not close it") {
    Circuit circuit(kOptions);
    circuit.limited(at(0), seconds(30));
    circuit.succeeded();
    CHECK(circuit.state(at(1)) == Circuit::State::open);
}

TEST_CASE("a circuit trial that is abandoned or never reported allows another trial") {
    Circuit circuit(kOptions);
    for (int i = 0; i < 3; ++i) circuit.failed(at(0));
    CHECK(circuit.allow(at(10)));
    circuit.abandoned();
    CHECK(circuit.allow(at(10)));
    CHECK(!circuit.allow(at(100)));
    CHECK(circuit.retry_in(at(100)) == seconds(30));
    CHECK(circuit.allow(at(130)));
}

TEST_CASE(
    "any sequence of reports: the circuit recovers, has at most one trial and closes only after a success") {
    rc::check("against time", [](const std::vector<std::uint8_t>& steps) {
        Circuit circuit(kOptions);
        std::int64_t now = 0;
        bool trial = false;
        std::int64_t trial_since = 0;
        for (const auto step : steps) {
            now += step % 7;
            const auto before = circuit.state(at(now));
            switch (step % 5) {
                case 0: {
                    const bool would = circuit.would_allow(at(now));
                    const bool got = circuit.allow(at(now));
                    RC_ASSERT(would == got);
                    if (before == Circuit::State::closed) RC_ASSERT(got);
                    if (before == Circuit::State::open) RC_ASSERT(!got);
                    if (got && before == Circuit::State::half_open) {
                        RC_ASSERT(!trial || now - trial_since >= 120);
                        trial = true;
                        trial_since = now;
                    }
                    break;
                }
                case 1:
                    circuit.succeeded();
                    if (before == Circuit::State::closed)
                        RC_ASSERT(circuit.state(at(now)) == Circuit::State::closed);
                    if (trial) RC_ASSERT(circuit.state(at(now)) == Circuit::State::closed);
                    trial = false;
                    break;
                case 2:
                    circuit.failed(at(now));
                    trial = false;
                    break;
                case 3:
                    circuit.limited(at(now), seconds(step));
                    trial = false;
                    break;
                case 4:
                    circuit.abandoned();
                    trial = false;
                    break;
                default:
                    break;
            }
            RC_ASSERT((circuit.retry_in(at(now)) == nanoseconds(0)) == circuit.would_allow(at(now)));
            RC_ASSERT(
                circuit.would_allow(at(now + 1'000)));  // bounded by max_open, max_limited and trial_for
        }
    });
}

}  // namespace circuit_test
