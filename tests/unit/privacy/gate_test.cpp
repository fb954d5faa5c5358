#include "privacy/gate.h"

#include <doctest/doctest.h>

namespace gate_test {

using namespace hearth;
using namespace hearth::privacy;

namespace {
Destination to(const char* provider, Place place) {
    return {provider, "https", "api.example", 443, place};
}
}  // namespace

TEST_CASE("places are ordered and the stricter one wins") {
    CHECK(stricter(Place::loopback, Place::cloud) == Place::cloud);
    CHECK(stricter(Place::lan, Place::local) == Place::lan);
    CHECK(place_from("loopback") == Place::loopback);
    CHECK_FALSE(place_from("Cloud").has_value());
    for (const auto place : {Place::local, Place::loopback, Place::lan, Place::cloud}) {
        CHECK(place_from(place_name(place)) == place);
    }
}

TEST_CASE("defaults: this machine and clouds yes, other machines of the network no") {
    const Gate gate{Policy{}};
    CHECK(gate.refusal("", "openai", Place::cloud).empty());
    CHECK(gate.refusal("", "ollama", Place::loopback).empty());
    CHECK(gate.refusal("", "box", Place::lan).find("\"allow\"") != std::string::npos);
}

TEST_CASE("offline refuses everything that is not this machine, whatever any list allows") {
    Policy policy;
    policy.offline = true;
    policy.everyone.allow_providers = {"openai"};
    policy.projects["p"].allow_places = {Place::cloud};
    const Gate gate{policy};
    CHECK(gate.refusal("p", "openai", Place::cloud).find("--offline") != std::string::npos);
    CHECK_FALSE(gate.refusal("", "box", Place::lan).empty());
    CHECK(gate.refusal("", "ollama", Place::loopback).empty());
    const auto permit = gate.permit("p", to("openai", Place::cloud), "e1");
    REQUIRE_FALSE(permit.has_value());
    CHECK(permit.error()->code == Code::forbidden);
}

TEST_CASE("a deny beats every allow; a project's allow list is exhaustive") {
    Policy policy;
    policy.everyone.deny_providers = {"xai"};
    policy.projects["secret"].allow_providers = {"mistral", "xai"};
    policy.projects["closed"].deny_places = {Place::cloud};
    const Gate gate{policy};
    CHECK_FALSE(gate.refusal("secret", "xai", Place::cloud).empty());
    CHECK(gate.refusal("secret", "mistral", Place::cloud).empty());
    CHECK_FALSE(gate.refusal("secret", "openai", Place::cloud).empty());
    CHECK_FALSE(gate.refusal("closed", "openai", Place::cloud).empty());
    CHECK(gate.refusal("closed", "ollama", Place::loopback).empty());
    CHECK(gate.refusal("other", "openai", Place::cloud).empty());
}

TEST_CASE("a permit names its one destination; without an address there is none") {
    const Gate gate{Policy{}};
    const auto permit = gate.permit("", to("openai", Place::cloud), "e7");
    REQUIRE(permit.has_value());
    CHECK(permit->host() == "api.example");
    CHECK(permit->port() == 443);
    CHECK(permit->entry() == "e7");
    auto nowhere = to("xidao", Place::cloud);
    nowhere.host.clear();
    CHECK(gate.permit("", nowhere, "e8").error()->code == Code::forbidden);
}

}  // namespace gate_test
