// Unloading, memory limits and context sizes.
#include <doctest/doctest.h>

#include "supervisor_fixture.h"

namespace supervisor_residency_test {

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;

TEST_CASE("supervisor: idle models are unloaded after keep_alive") {
    Fixture fixture;
    fixture.options.keep_alive = seconds(-1);
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        CHECK((co_await answer(w, s, "stays", "say 1")).done);
        CHECK_FALSE(s.ps()[0].unload_at);
        GenerateOptions at_once;
        at_once.keep_alive = seconds(0);
        CHECK(co_await s.load(w.model("goes"), at_once, {}));
        while (s.ps().size() > 1) co_await w.loop.sleep(milliseconds(5));
        CHECK(s.loaded("stays"));
        CHECK_FALSE(s.loaded("goes"));
    });
}

TEST_CASE("supervisor: idle models are unloaded to free memory, busy ones never") {
    Fixture fixture;
    fixture.memory = {8ULL << 30, 8ULL << 30};
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        constexpr std::uint64_t kThreeGiB = 3ULL << 30;
        CHECK(co_await s.load(w.model("a", kThreeGiB), {}, {}));
        co_await w.loop.sleep(milliseconds(2));
        CHECK(co_await s.load(w.model("b", kThreeGiB), {}, {}));
        CHECK(s.loaded("a"));
        CHECK(co_await s.load(w.model("c", kThreeGiB), {}, {}));  // a was used least recently
        CHECK_FALSE(s.loaded("a"));
        CHECK(s.loaded("b"));
        CHECK(s.loaded("c"));

        auto busy_b = co_await s.generate(w.model("b", kThreeGiB), ask("wait"), {}, {});
        auto busy_c = co_await s.generate(w.model("c", kThreeGiB), ask("wait"), {}, {});
        const auto refused = co_await s.load(w.model("a", kThreeGiB), {}, {});
        CHECK_FALSE(refused);
        if (refused) co_return;
        CHECK(refused.error()->code == Code::storage);
        CHECK(refused.error()->needed > static_cast<std::int64_t>(kThreeGiB));
        CHECK(refused.error()->limit > 0);
        CHECK(contains(refused.error()->message, "3.0 GiB"));
        CHECK(contains(refused.error()->message, "are free"));
        CHECK(s.loaded("b"));

        const auto never = co_await s.load(w.model("huge", 100ULL << 30), {}, {});
        CHECK(contains(never.error()->message, "may be used for models"));
    });
}

TEST_CASE("supervisor: the memory limit counts all workers, whatever the system reports") {
    Fixture fixture;
    fixture.options.memory_limit = 7ULL << 30;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        constexpr std::uint64_t kThreeGiB = 3ULL << 30;
        CHECK(co_await s.load(w.model("a", kThreeGiB), {}, {}));
        CHECK(co_await s.load(w.model("b", kThreeGiB), {}, {}));
        CHECK(s.loaded("a"));
        CHECK(co_await s.load(w.model("c", kThreeGiB), {}, {}));
        CHECK(s.ps().size() == 2);
        CHECK((co_await s.load(w.model("d", 8ULL << 30), {}, {})).error()->limit == 7LL << 30);
    });
}

TEST_CASE("supervisor: a larger context reloads the model once it is idle") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        auto model = w.model("m");
        model.facts.context_length = 100'000;
        GenerateOptions small, large;
        small.context_tokens = 1000;
        large.context_tokens = 50'000;
        CHECK((co_await s.load(model, small, {}))->context_tokens == kDefaultContext);
        auto running = co_await s.generate(model, ask("wait"), {}, {});
        Group group{.running = 1, .over = {}};
        spawn([](Supervisor& sup, models::Model mod, GenerateOptions opt, Group& g) -> Task<void> {
            CHECK((co_await sup.load(std::move(mod), opt, {}))->context_tokens == 50'000);
            g.end();
        }(s, model, large, group));
        CHECK(s.ps()[0].context_tokens == kDefaultContext);  // a running request is not interrupted
        running->reset();
        co_await group.over;
        CHECK((co_await s.load(model, small, {}))->context_tokens == 50'000);  // never reloaded to shrink
        large.context_tokens = 1'000'000;  // more than it was trained for: it keeps its maximum
        CHECK((co_await s.load(model, large, {}))->context_tokens == 100'000);
        CHECK(w.count("start") == 3);
    });
}

}  // namespace supervisor_residency_test
