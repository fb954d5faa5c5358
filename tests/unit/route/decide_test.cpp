#include "route/decide.h"

#include <doctest/doctest.h>

namespace decide_test {

using namespace hearth;
using namespace hearth::route;

namespace {

Model own_model(const char* id, std::int64_t bytes, bool builtin = false) {
    Model m;
    m.provider = kEngine;
    m.id = id;
    m.place = Place::local;
    m.builtin = builtin;
    m.bytes = bytes;
    m.can.completion = m.can.suffix = m.can.embedding = m.can.tools = true;
    return m;
}
Model cloud_model(const char* provider, const char* id, std::optional<int> rank = {}) {
    Model m;
    m.provider = provider;
    m.id = id;
    m.default_rank = rank;
    m.can.tools = m.can.images = true;
    return m;
}
Checks nothing_against() {
    return {[](const std::string&, Place) { return std::string(); },
            [](const Model&) { return std::string(); }, [](const Model&) { return false; }};
}
std::vector<std::string> names(const Result<Plan>& plan) {
    std::vector<std::string> out;
    if (plan) {
        for (const auto& step : plan->steps) out.push_back(step.model->full_name());
    }
    return out;
}
using Names = std::vector<std::string>;
std::shared_ptr<const Models> models_of(std::vector<Model> models) {
    return std::make_shared<Models>(std::move(models));
}
Ask ask(const char* name) {
    return {name, exchange::Kind::chat, {}};
}

const std::vector<Model> kWorld = {own_model("spark", 8, true), own_model("small", 100),
                                   own_model("big", 900),       cloud_model("b", "two", 2),
                                   cloud_model("a", "one", 1),  cloud_model("a", "other")};
}  // namespace

TEST_CASE("auto: local models first, then cloud models by rank, the built-in model last") {
    CHECK(names(decide(ask("auto"), models_of(kWorld), {}, nothing_against())) ==
          Names{"engine/big", "engine/small", "a/one", "b/two", "engine/spark"});
}

TEST_CASE(
    "auto: a permitted cloud model precedes the built-in model, which is used when nothing else is "
    "permitted") {
    const std::vector<Model> models = {kWorld[0], kWorld[4]};
    CHECK(names(decide(ask("auto"), models_of(models), {}, nothing_against())) ==
          Names{"a/one", "engine/spark"});
    auto checks = nothing_against();
    checks.refused = [](const std::string&, Place place) { return place == Place::cloud ? "no" : ""; };
    CHECK(names(decide(ask("auto"), models_of(models), {}, checks)) == Names{"engine/spark"});
}

TEST_CASE("local: only models on this machine, loaded ones first") {
    auto checks = nothing_against();
    checks.loaded = [](const Model& model) { return model.id == "small"; };
    CHECK(names(decide(ask("local"), models_of(kWorld), {}, checks)) ==
          Names{"engine/small", "engine/big", "engine/spark"});
    Preferences want;
    want.local = "a/one";
    CHECK(names(decide(ask("local"), models_of(kWorld), want, nothing_against())).front() == "engine/big");
    want.local = "small";
    CHECK(names(decide(ask("local"), models_of(kWorld), want, nothing_against())).front() == "engine/small");
}

TEST_CASE("cloud: the configured models, else the providers' defaults") {
    CHECK(names(decide(ask("cloud"), models_of(kWorld), {}, nothing_against())) == Names{"a/one", "b/two"});
    Preferences want;
    want.cloud = {"a/other", "b/two", "small"};
    CHECK(names(decide(ask("cloud"), models_of(kWorld), want, nothing_against())) ==
          Names{"a/other", "b/two"});
}

TEST_CASE("explicit names: bare local names, provider/model, bare ids of a provider") {
    CHECK(names(decide(ask("small"), models_of(kWorld), {}, nothing_against())) == Names{"engine/small"});
    CHECK(names(decide(ask("a/other"), models_of(kWorld), {}, nothing_against())) == Names{"a/other"});
    CHECK(names(decide(ask("two"), models_of(kWorld), {}, nothing_against())) == Names{"b/two"});
    const auto unknown = decide(ask("smal"), models_of(kWorld), {}, nothing_against());
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error()->code == Code::not_found);
    CHECK(unknown.error()->message.find("small") != std::string::npos);
}

TEST_CASE("configured fallbacks follow in order") {
    Preferences want;
    want.fallback["a/one"] = {"b/two", "small", "unknown"};
    const auto plan = decide(ask("a/one"), models_of(kWorld), want, nothing_against());
    CHECK(names(plan) == Names{"a/one", "b/two", "engine/small"});
    CHECK(plan->steps[1].reason == "fallback 1 of a/one");
}

TEST_CASE("models that lack a needed ability are skipped, with the reason") {
    Ask images = ask("auto");
    images.needs.images = true;
    const auto plan = decide(images, models_of(kWorld), {}, nothing_against());
    CHECK(names(plan) == Names{"a/one", "b/two"});
    CHECK(plan->refusals.front().why == "it does not support images");
    images.name = "local";
    CHECK(decide(images, models_of(kWorld), {}, nothing_against()).error()->code == Code::invalid_request);
}

TEST_CASE("a model that gives one answer only is skipped when n asks for more, unless it is named") {
    exchange::Request request;
    request.n = 2;
    Ask several = ask("auto");
    several.needs = exchange::needs_of(request);
    auto world = kWorld;
    world[4].can.several_choices = false;  // a/one
    auto plan = decide(several, models_of(world), {}, nothing_against());
    CHECK(names(plan) == Names{"engine/big", "engine/small", "b/two", "engine/spark"});
    REQUIRE(plan->refusals.size() == 1);
    CHECK(plan->refusals[0].why == "it does not support n greater than 1");
    several.name = "a/one";  // its provider says itself what it does not take
    CHECK(names(decide(several, models_of(world), {}, nothing_against())) == Names{"a/one"});
    request.n = 1;
    several = ask("auto");
    several.needs = exchange::needs_of(request);
    CHECK(names(decide(several, models_of(world), {}, nothing_against())).size() == 5);
}

TEST_CASE("the error code comes from the first rejection: policy, key, health") {
    auto world = kWorld;
    world[4].not_ready = "set A_API_KEY";
    auto missing = decide(ask("a/one"), models_of(world), {}, nothing_against());
    CHECK(missing.error()->code == Code::unauthenticated);
    CHECK(missing.error()->message.find("A_API_KEY") != std::string::npos);
    auto checks = nothing_against();
    checks.refused = [](const std::string&, Place) { return "denied"; };
    CHECK(decide(ask("a/one"), models_of(world), {}, checks).error()->code == Code::forbidden);
    checks = nothing_against();
    checks.unhealthy = [](const Model&) { return "circuit open"; };
    CHECK(decide(ask("b/two"), models_of(world), {}, checks).error()->code == Code::unavailable);
    CHECK(decide(ask("cloud"), models_of({}), {}, nothing_against()).error()->code == Code::unavailable);
}

}  // namespace decide_test
