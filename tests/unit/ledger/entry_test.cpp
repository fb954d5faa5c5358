// The bill of an entry: attempts and settlement together.
#include "ledger/entry.h"

#include <doctest/doctest.h>

#include <limits>

namespace entry_test {

using namespace hearth;
using namespace hearth::ledger;

TEST_CASE("the cost of an entry is the sum of its attempts' and its settlement's") {
    Entry entry;
    entry.settlement.cost = 7;
    CHECK(entry.total_cost() == 7);
    entry.attempts = {{.cost = 0}, {.cost = 30}};
    CHECK(entry.total_cost() == 37);

    entry.attempts[0].cost = std::nullopt;
    CHECK(entry.total_cost() == std::nullopt);
    entry.attempts[0].cost = 0;
    entry.settlement.cost = std::nullopt;
    CHECK(entry.total_cost() == std::nullopt);
    entry.settlement.cost = std::numeric_limits<NanoUsd>::max();
    CHECK(entry.total_cost() == std::nullopt);
}

TEST_CASE("the usage of an entry is a sum too, and unknown where a part of it is") {
    Entry entry;
    entry.settlement.usage = {.input = 10, .output = 4, .reasoning_output = 1};
    CHECK(entry.total_usage() == entry.settlement.usage);

    entry.attempts = {{.usage = {.input = 100, .output = 40, .cached_input = 50}, .cost = 30}};
    const exchange::Usage both{.input = 110, .output = 44, .cached_input = 50, .reasoning_output = 1};
    CHECK(entry.total_usage() == both);

    entry.attempts.push_back({.cost = 0});  // never reached its provider: no tokens
    CHECK(entry.total_usage() == both);
    entry.attempts.push_back({.usage = {.input = 5}, .cost = 0});
    CHECK(entry.total_usage().input == 115);
    CHECK(entry.total_usage().output == std::nullopt);
    entry.attempts.back() = {.cost = std::nullopt};  // may have used some
    CHECK(entry.total_usage().input == std::nullopt);
    CHECK(entry.total_usage().cached_input == 50);
}

TEST_CASE("an attempt without usage cost nothing unless its provider may have worked on it") {
    CHECK(cost_without_usage(Place::cloud, Code::upstream_connect, 0) == 0);
    CHECK(cost_without_usage(Place::cloud, Code::rate_limited, 429) == 0);
    CHECK(cost_without_usage(Place::cloud, Code::upstream_failed, 500) == 0);
    CHECK(cost_without_usage(Place::cloud, Code::upstream_failed, 200) == std::nullopt);
    CHECK(cost_without_usage(Place::cloud, Code::upstream_timeout, 0) == std::nullopt);
    CHECK(cost_without_usage(Place::cloud, Code::answer_rejected, 0) == std::nullopt);
    CHECK(cost_without_usage(Place::lan, Code::upstream_timeout, 0) == 0);
    CHECK(cost_without_usage(Place::local, Code::upstream_broken, 0) == 0);
}

}  // namespace entry_test
