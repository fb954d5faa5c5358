// What may leave, as a type: a permit and exactly the bytes that were inspected under it.
#include "privacy/cleared.h"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

#include "privacy/gate.h"

namespace cleared_test {

using namespace hearth;
using namespace hearth::privacy;

// Only the gate makes one: neither from a permit and bytes, nor as a copy that might be sent a second time.
using Body = std::span<const std::string_view>;
static_assert(!std::is_constructible_v<Cleared, Permit, Body>);
static_assert(!std::is_default_constructible_v<Cleared>);
static_assert(!std::is_copy_constructible_v<Cleared> && !std::is_copy_assignable_v<Cleared>);
static_assert(!std::is_default_constructible_v<Permit> && !std::is_copy_constructible_v<Permit>);

namespace {

Destination example(Place place = Place::cloud) {
    return {"p", "https", "api.example", 443, place};
}

}  // namespace

TEST_CASE("cleared: the permit's destination and the inspected bytes, without a copy") {
    const Gate gate{Policy{}};
    const std::string first = "{\"a\":", second = "1}";
    const std::string_view pieces[] = {first, second};
    const auto cleared = gate.clear("", example(), "entry-1", pieces);
    REQUIRE(cleared);
    CHECK(cleared->permit().scheme() == "https");
    CHECK(cleared->permit().host() == "api.example");
    CHECK(cleared->permit().port() == 443);
    CHECK(cleared->permit().place() == Place::cloud);
    CHECK(cleared->permit().entry() == "entry-1");
    REQUIRE(cleared->body().size() == 2);
    CHECK(cleared->body()[0].data() == first.data());
    CHECK(cleared->body()[1].data() == second.data());
    CHECK(cleared->unchanged());
}

TEST_CASE("cleared: a request without a body") {
    const Gate gate{Policy{}};
    const auto cleared = gate.clear("", example(), "discovery", {});
    REQUIRE(cleared);
    CHECK(cleared->body().empty());
    CHECK(cleared->unchanged());
}

TEST_CASE("cleared: what the policy refuses is not cleared") {
    Policy policy;
    policy.everyone.deny_providers = {"p"};
    const Gate gate{policy};
    const std::string_view pieces[] = {"{}"};
    const auto cleared = gate.clear("", example(), "entry-1", pieces);
    REQUIRE_FALSE(cleared);
    CHECK(cleared.error()->code == Code::forbidden);
    CHECK_FALSE(Gate{Policy{}}.clear("", example(Place::lan), "entry-1", pieces));
}

TEST_CASE("cleared: moving it keeps the permit with its bytes") {
    const Gate gate{Policy{}};
    const std::string body = "{}";
    const std::string_view pieces[] = {body};
    auto cleared = gate.clear("", example(), "entry-1", pieces);
    REQUIRE(cleared);
    const Cleared moved = std::move(*cleared);
    CHECK(moved.permit().host() == "api.example");
    CHECK(moved.body().front().data() == body.data());
    CHECK(moved.unchanged());
}

#ifdef HEARTH_CHECKED
TEST_CASE("cleared: bytes that are changed after they were inspected are noticed, wherever they are") {
    const Gate gate{Policy{}};
    std::string first = "{\"a\":", second = "1}";
    const std::string_view pieces[] = {first, second};
    const auto cleared = gate.clear(gate.permit("", example(), "entry-1").value(), pieces);
    REQUIRE(cleared.unchanged());
    for (auto* piece : {&first, &second}) {
        for (auto& byte : *piece) {
            byte ^= 1;
            CHECK_FALSE(cleared.unchanged());
            byte ^= 1;
        }
    }
    CHECK(cleared.unchanged());
}
#endif

}  // namespace cleared_test
