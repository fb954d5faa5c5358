// Workers that serve, die, fall silent, speak nonsense, and clients that leave.
#include <doctest/doctest.h>
#include <signal.h>

#include "supervisor_world.h"

namespace supervisor_test {

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;

TEST_CASE("supervisor: loads on demand, streams, and tells what it runs") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        CHECK(s.ps().empty());
        const auto told = co_await answer(w, s, "m", "say 3");
        CHECK(told.text == "w0 w1 w2 ");
        CHECK(told.done);
        CHECK_FALSE(told.error);
        const auto rows = s.ps();
        CHECK(rows.size() == 1);
        CHECK(rows[0].model == "m");
        CHECK(rows[0].state == WorkerState::ready);
        CHECK(rows[0].pid > 0);
        CHECK(rows[0].tokens_per_second == doctest::Approx(100));
        CHECK(rows[0].context_tokens == kDefaultContext);
        CHECK(rows[0].unload_at);
        CHECK(s.loaded("m"));
        CHECK((co_await s.count_tokens(w.model("m"), ask("x"), {})).value() == 42);
        const auto said = co_await s.ask(w.model("m"), {.text = "echo"}, {});
        CHECK(said.value().text == "echo");
        CHECK(said.value().tokens == exchange::TokenIds{7, 8});
        const auto endless =
            co_await s.ask(w.model("m"), {.text = std::string(kTextQueryBytes + 1, 'x')}, {});
        CHECK(endless.error()->code == Code::too_large);
        CHECK((co_await answer(w, s, "m", "say 1")).text == "w0 ");
        CHECK(w.count("start") == 1);
    });
    CHECK(world.count("shutdown") == 1);
}

TEST_CASE("supervisor: several requests at once share one process and one load") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        Group group{.running = 3, .over = {}};
        Told told[3];
        for (auto& one : told) spawn(beside(w, s, "say 20", one, group));
        co_await group.over;
        for (const auto& one : told) CHECK(one.done);
        CHECK(w.count("start") == 1);
    });
}

TEST_CASE("supervisor: a worker that dies ends its requests, not the gateway, and is started again") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        auto told = co_await answer(w, s, "m", "crash");
        CHECK(told.text == "first");
        CHECK_FALSE(told.done);
        CHECK(told.error);
        if (!told.error) co_return;
        CHECK(told.error->code == Code::upstream_broken);
        CHECK(contains(told.error->message, "stopped unexpectedly (signal 11"));
        CHECK(contains(told.error->message, "ASSERT(false) failed"));
        CHECK(s.ps()[0].crashes == 1);
        CHECK(s.ps()[0].pid == 0);

        told =
            co_await answer(w, s, "m", "crash-first");  // nothing was promised yet: another may still answer
        CHECK(told.error->code == Code::unavailable);
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        CHECK(w.count("start") == 3);
    });
}

TEST_CASE("supervisor: all requests of a dead worker hear of it") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        Group group{.running = 3, .over = {}};
        Told told[3];
        spawn(beside(w, s, "wait", told[0], group));
        spawn(beside(w, s, "wait", told[1], group));
        spawn(beside(w, s, "crash", told[2], group));
        co_await group.over;
        for (const auto& one : told) CHECK(one.error);
    });
}

TEST_CASE("supervisor: a model that keeps crashing is quarantined until somebody lifts it") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        for (int i = 0; i < 3; ++i) CHECK((co_await answer(w, s, "m", "crash")).error);
        const auto told = co_await answer(w, s, "m", "say 1");
        CHECK(told.error);
        if (!told.error) co_return;
        CHECK(told.error->code == Code::unavailable);
        CHECK(told.error->retry_after_ms.value_or(0) > 0);
        CHECK(contains(told.error->message, "quarantine"));
        CHECK(contains(told.error->message, "hearth stop m"));
        CHECK(s.ps()[0].state == WorkerState::quarantined);
        CHECK(w.count("start") == 3);
        CHECK((co_await answer(w, s, "other", "say 1")).done);  // others are not punished
        CHECK(co_await s.unload("m", false));
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        CHECK((co_await s.unload("nobody", false)).error()->code == Code::not_found);
    });
}

TEST_CASE("supervisor: what cannot be loaded is said, and is no crash") {
    World failing("load-failed");
    run(failing, [](World& w, Supervisor& s) -> Task<void> {
        for (int i = 0; i < 4; ++i) {
            const auto told = co_await answer(w, s, "m", "say 1");
            CHECK(told.error);
            if (!told.error) co_return;
            CHECK(told.error->code == Code::corrupt);
            CHECK(contains(told.error->message, "middle of a tensor"));
        }
        CHECK(s.ps().empty());
    });
    World crashing("crash-at-load");
    run(crashing, [](World& w, Supervisor& s) -> Task<void> {
        const auto told = co_await answer(w, s, "m", "say 1");
        CHECK(told.error);
        CHECK(contains(told.error->message, "signal 11"));
        CHECK(s.ps()[0].crashes == 1);
        CHECK(s.ps()[0].state == WorkerState::crashed);
    });
    World missing;
    missing.options.program = "/nowhere/hearth-engine";
    run(missing, [](World& w, Supervisor& s) -> Task<void> {
        CHECK((co_await answer(w, s, "m", "say 1")).error->code == Code::config);
    });
}

TEST_CASE("supervisor: a worker that the kernel does not confine is not used where that is required") {
    World world;  // its worker reports Confinement::none
    world.options.require_confinement = true;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        for (int i = 0; i < 2; ++i) {
            const auto told = co_await answer(w, s, "m", "say 1");
            CHECK(told.error);
            if (!told.error) co_return;
            CHECK(told.error->code == Code::forbidden);
            CHECK(contains(told.error->message, "require_confinement"));
        }
        CHECK(w.count("submit say 1") == 0);
        CHECK(w.count("start") == 2);
        CHECK(s.ps().empty());  // no crash
    });
}

TEST_CASE("supervisor: a worker that falls silent is ended") {
    World loading("never-ready");
    loading.options.load_silence = seconds(1);
    run(loading, [](World& w, Supervisor& s) -> Task<void> {
        const auto told = co_await answer(w, s, "m", "say 1");
        CHECK(contains(told.error->message, "said nothing for 1 s while it loaded"));
    });
    World busy;
    busy.options.busy_silence = seconds(1);
    run(busy, [](World& w, Supervisor& s) -> Task<void> {
        const auto told = co_await answer(w, s, "m", "silent");
        CHECK(contains(told.error->message, "said nothing for 1 s while it had requests"));
        CHECK(told.error->code == Code::unavailable);
        CHECK((co_await answer(w, s, "m", "say 1")).done);
    });
}

TEST_CASE("supervisor: a worker that speaks nonsense is ended") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        for (const auto* script : {"garbage", "oversize"}) {
            const auto told = co_await answer(w, s, "m", script);
            CHECK(told.error);
            if (!told.error) co_return;
            CHECK(contains(told.error->message, "not the engine's protocol"));
        }
        const auto told = co_await answer(w, s, "m", "leave");
        CHECK(contains(told.error->message, "exit code 0"));
    });
}

TEST_CASE("supervisor: a client that leaves cancels its request and no other") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        StopSource gone;
        auto generation = co_await s.generate(w.model("m"), ask("wait"), {}, gone.token());
        CHECK(generation);
        if (!generation) co_return;
        EventList events;
        while (tell(events).text.empty())
            std::ranges::move(co_await (*generation)->next(), std::back_inserter(events));
        Error why;
        why.code = Code::cancelled;
        why.message = "the client is gone";
        gone.stop(why);
        const auto told = tell(co_await rest_of(**generation));
        CHECK(told.error);
        CHECK(told.error->message == "the client is gone");
        {
            const auto dropped = co_await s.generate(w.model("m"), ask("wait"), {}, {});
        }
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        CHECK(w.count("cancel") == 2);
        CHECK(w.count("start") == 1);
        CHECK(s.ps()[0].open == 0);
        // Already gone before it began.
        CHECK((co_await answer(w, s, "m", "say 1", gone.token())).error->code == Code::cancelled);
    });
}

TEST_CASE(
    "supervisor: those who wait for a load are answered when it is unloaded, a full queue says when to come "
    "back") {
    World world("never-ready");
    world.options.queue = 2;
    world.options.sequences = 1;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        Group group{.running = 3, .over = {}};
        Told told[3];
        for (auto& one : told) spawn(beside(w, s, "say 1", one, group));
        CHECK(s.ps()[0].open == 3);
        CHECK(s.ps()[0].waiting == 3);
        const auto refused = co_await answer(w, s, "m", "say 1");
        CHECK(refused.error->code == Code::overloaded);
        CHECK(refused.error->retry_after_ms.value_or(0) >= 1000);
        while (w.count("start") == 0) co_await w.loop.sleep(milliseconds(5));
        CHECK(co_await s.unload("m", true));  // there is nothing to drain: the grace is over soon
        co_await group.over;  // unloading is an answer to those who waited, not a reason to load again
        for (const auto& one : told) CHECK(contains(one.error->message, "unloaded"));
        CHECK(w.count("start") == 1);
    });
}

TEST_CASE("supervisor: a worker that does not listen is killed at shutdown") {
    World world("deaf");
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        const auto pid = static_cast<pid_t>(s.ps()[0].pid);
        CHECK(::kill(pid, 0) == 0);
        co_await s.shutdown(milliseconds(10));
        CHECK(::kill(pid, 0) != 0);
        CHECK((co_await answer(w, s, "m", "say 1")).error->code == Code::unavailable);
    });
}

}  // namespace supervisor_test
