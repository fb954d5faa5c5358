#include "engine/worker/slot.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace hearth::engine;

namespace {
using Tokens = std::vector<std::int32_t>;
Generation* running_generation() {
    return reinterpret_cast<Generation*>(1);
}  // only compared with null
Slot slot(Tokens cached, std::uint64_t last_used, Generation* busy = nullptr) {
    Slot out;
    out.cached = std::move(cached);
    out.last_used = last_used;
    out.busy = busy;
    return out;
}
Tokens range(int from, int to) {
    Tokens out(static_cast<std::size_t>(to - from));
    std::iota(out.begin(), out.end(), from);
    return out;
}
SlotChoice choose(const std::vector<Slot>& slots, const Tokens& prompt, SlotRules rules = {},
                  const std::string& key = "") {
    return choose_slot(slots, prompt, key, rules);
}
}  // namespace

TEST_CASE("the longest prefix wins and the last token is always decoded again") {
    const std::vector slots{slot({1, 2}, 1), slot({1, 2, 3, 4}, 2), slot({}, 0)};
    CHECK(choose(slots, {1, 2, 3, 9}).target == 1);
    CHECK(choose(slots, {1, 2, 3, 9}).prefix == 3);
    CHECK(choose(slots, {1, 2, 3, 4}).prefix == 3);
    CHECK(choose(slots, {1}).prefix == 0);
}

TEST_CASE("with nothing in common: an empty slot, then the least recently used") {
    CHECK(choose({slot({1}, 1), slot({}, 9)}, {5, 6}).target == 1);
    const auto choice = choose({slot({1}, 3), slot({2}, 2), slot({3}, 1, running_generation())}, {5, 6});
    CHECK(choice.target == 1);
    CHECK(choice.source == -1);
}

TEST_CASE("a running sequence's prefix is copied, its slot is never reused") {
    const std::vector slots{slot(range(0, 100), 1, running_generation()), slot({7}, 2)};
    const auto choice = choose(slots, range(0, 60));
    CHECK(choice.source == 0);
    CHECK(choice.target == 1);
    CHECK(choice.prefix == 59);
    CHECK(choose(slots, range(0, 60), {.may_copy = false}).source == -1);
    CHECK(choose({slots[0]}, range(0, 60)).target == -1);
}

TEST_CASE("an idle slot that would lose many tokens is copied, not truncated") {
    const std::vector slots{slot(range(0, 500), 5), slot({9}, 1)};
    CHECK(choose(slots, range(0, 100)).target == 1);       // would lose 401 tokens
    CHECK(choose(slots, range(0, 480)).target == 0);       // loses 21: reused in place
    CHECK(choose({slots[0]}, range(0, 100)).target == 0);  // no other slot
}

TEST_CASE("state that cannot be truncated is reused whole or not at all") {
    const SlotRules recurrent{.may_copy = false, .may_cut = false};
    const std::vector slots{slot({1, 2, 3}, 1), slot({}, 0)};
    CHECK(choose(slots, {1, 2, 3, 4}, recurrent).prefix == 3);
    CHECK(choose(slots, {1, 2, 4, 4}, recurrent).prefix == 0);
    CHECK(choose(slots, {1, 2, 3}, recurrent).prefix == 0);
}

TEST_CASE("among equal prefixes the slot with the same affinity wins") {
    std::vector slots{slot({1, 2}, 5), slot({1, 2}, 1)};
    CHECK(choose(slots, {1, 2, 3}).target == 1);
    slots[0].affinity = "me";
    CHECK(choose(slots, {1, 2, 3}, {}, "me").target == 0);
}
