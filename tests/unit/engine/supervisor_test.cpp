// Workers that serve, crash, hang or violate the protocol, and clients that disconnect.
#include <doctest/doctest.h>
#include <signal.h>

#include "supervisor_fixture.h"

namespace supervisor_test {

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;

TEST_CASE("supervisor: loads on demand, streams, and reports its workers") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        CHECK(s.ps().empty());
        const auto outcome = co_await answer(w, s, "m", "say 3");
        CHECK(outcome.text == "w0 w1 w2 ");
        CHECK(outcome.done);
        CHECK_FALSE(outcome.error);
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
    CHECK(fixture.count("shutdown") == 1);
}

TEST_CASE("supervisor: concurrent requests share one process and one load") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        Group group{.running = 3, .over = {}};
        Outcome outcome[3];
        for (auto& one : outcome) spawn(run_in_group(w, s, "say 20", one, group));
        co_await group.over;
        for (const auto& one : outcome) CHECK(one.done);
        CHECK(w.count("start") == 1);
    });
}

TEST_CASE("supervisor: a crashed worker fails its requests and is restarted") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        auto outcome = co_await answer(w, s, "m", "crash");
        CHECK(outcome.text == "first");
        CHECK_FALSE(outcome.done);
        CHECK(outcome.error);
        if (!outcome.error) co_return;
        CHECK(outcome.error->code == Code::upstream_broken);
        CHECK(contains(outcome.error->message, "stopped unexpectedly (signal 11"));
        CHECK(contains(outcome.error->message, "ASSERT(false) failed"));
        CHECK(s.ps()[0].crashes == 1);
        CHECK(s.ps()[0].pid == 0);

        outcome =
            co_await answer(w, s, "m", "crash-first");  // no content yet: another candidate may still answer
        CHECK(outcome.error->code == Code::unavailable);
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        CHECK(w.count("start") == 3);
    });
}

TEST_CASE("supervisor: all requests of a crashed worker get an error") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        Group group{.running = 3, .over = {}};
        Outcome outcome[3];
        spawn(run_in_group(w, s, "wait", outcome[0], group));
        spawn(run_in_group(w, s, "wait", outcome[1], group));
        spawn(run_in_group(w, s, "crash", outcome[2], group));
        co_await group.over;
        for (const auto& one : outcome) CHECK(one.error);
    });
}

TEST_CASE("supervisor: a model that crashes repeatedly is quarantined until it is lifted") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        for (int i = 0; i < 3; ++i) CHECK((co_await answer(w, s, "m", "crash")).error);
        const auto outcome = co_await answer(w, s, "m", "say 1");
        CHECK(outcome.error);
        if (!outcome.error) co_return;
        CHECK(outcome.error->code == Code::unavailable);
        CHECK(outcome.error->retry_after_ms.value_or(0) > 0);
        CHECK(contains(outcome.error->message, "quarantine"));
        CHECK(contains(outcome.error->message, "hearth stop m"));
        CHECK(s.ps()[0].state == WorkerState::quarantined);
        CHECK(w.count("start") == 3);
        CHECK((co_await answer(w, s, "other", "say 1")).done);  // other models are not affected
        CHECK(co_await s.unload("m", false));
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        CHECK((co_await s.unload("unknown", false)).error()->code == Code::not_found);
    });
}

TEST_CASE("supervisor: a failed load is an error and not a crash") {
    Fixture failing("load-failed");
    run(failing, [](Fixture& w, Supervisor& s) -> Task<void> {
        for (int i = 0; i < 4; ++i) {
            const auto outcome = co_await answer(w, s, "m", "say 1");
            CHECK(outcome.error);
            if (!outcome.error) co_return;
            CHECK(outcome.error->code == Code::corrupt);
            CHECK(contains(outcome.error->message, "middle of a tensor"));
        }
        CHECK(s.ps().empty());
    });
    Fixture crashing("crash-at-load");
    run(crashing, [](Fixture& w, Supervisor& s) -> Task<void> {
        const auto outcome = co_await answer(w, s, "m", "say 1");
        CHECK(outcome.error);
        CHECK(contains(outcome.error->message, "signal 11"));
        CHECK(s.ps()[0].crashes == 1);
        CHECK(s.ps()[0].state == WorkerState::crashed);
    });
    Fixture missing;
    missing.options.program = "/nowhere/hearth-engine";
    run(missing, [](Fixture& w, Supervisor& s) -> Task<void> {
        CHECK((co_await answer(w, s, "m", "say 1")).error->code == Code::config);
    });
}

TEST_CASE("supervisor: an unconfined worker is not used if confinement is required") {
    Fixture fixture;  // its worker reports Confinement::none
    fixture.options.require_confinement = true;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        for (int i = 0; i < 2; ++i) {
            const auto outcome = co_await answer(w, s, "m", "say 1");
            CHECK(outcome.error);
            if (!outcome.error) co_return;
            CHECK(outcome.error->code == Code::forbidden);
            CHECK(contains(outcome.error->message, "require_confinement"));
        }
        CHECK(w.count("submit say 1") == 0);
        CHECK(w.count("start") == 2);
        CHECK(s.ps().empty());  // no crash
    });
}

TEST_CASE("supervisor: an unresponsive worker is killed") {
    Fixture loading("never-ready");
    loading.options.load_silence = seconds(1);
    run(loading, [](Fixture& w, Supervisor& s) -> Task<void> {
        const auto outcome = co_await answer(w, s, "m", "say 1");
        CHECK(contains(outcome.error->message, "sent nothing for 1 s while it loaded"));
    });
    Fixture busy;
    busy.options.busy_silence = seconds(1);
    run(busy, [](Fixture& w, Supervisor& s) -> Task<void> {
        const auto outcome = co_await answer(w, s, "m", "silent");
        CHECK(contains(outcome.error->message, "sent nothing for 1 s while it had requests"));
        CHECK(outcome.error->code == Code::unavailable);
        CHECK((co_await answer(w, s, "m", "say 1")).done);
    });
}

TEST_CASE("supervisor: a worker that violates the protocol is killed") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        for (const auto* script : {"garbage", "oversize"}) {
            const auto outcome = co_await answer(w, s, "m", script);
            CHECK(outcome.error);
            if (!outcome.error) co_return;
            CHECK(contains(outcome.error->message, "not the engine's protocol"));
        }
        const auto outcome = co_await answer(w, s, "m", "leave");
        CHECK(contains(outcome.error->message, "exit code 0"));
    });
}

TEST_CASE("supervisor: a client disconnect cancels its request only") {
    Fixture fixture;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        StopSource gone;
        auto generation = co_await s.generate(w.model("m"), ask("wait"), {}, gone.token());
        CHECK(generation);
        if (!generation) co_return;
        EventList events;
        while (collect(events).text.empty())
            std::ranges::move(co_await (*generation)->next(), std::back_inserter(events));
        Error why;
        why.code = Code::cancelled;
        why.message = "the client disconnected";
        gone.stop(why);
        const auto outcome = collect(co_await collect_events(**generation));
        CHECK(outcome.error);
        CHECK(outcome.error->message == "the client disconnected");
        {
            const auto dropped = co_await s.generate(w.model("m"), ask("wait"), {}, {});
        }
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        CHECK(w.count("cancel") == 2);
        CHECK(w.count("start") == 1);
        CHECK(s.ps()[0].open == 0);
        // Already stopped before the start.
        CHECK((co_await answer(w, s, "m", "say 1", gone.token())).error->code == Code::cancelled);
    });
}

TEST_CASE("supervisor: unloading fails requests that wait for the load; a full queue reports when to retry") {
    Fixture fixture("never-ready");
    fixture.options.queue = 2;
    fixture.options.sequences = 1;
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        Group group{.running = 3, .over = {}};
        Outcome outcome[3];
        for (auto& one : outcome) spawn(run_in_group(w, s, "say 1", one, group));
        CHECK(s.ps()[0].open == 3);
        CHECK(s.ps()[0].waiting == 3);
        const auto refused = co_await answer(w, s, "m", "say 1");
        CHECK(refused.error->code == Code::overloaded);
        CHECK(refused.error->retry_after_ms.value_or(0) >= 1000);
        while (w.count("start") == 0) co_await w.loop.sleep(milliseconds(5));
        CHECK(co_await s.unload("m", true));  // nothing to drain: the grace period ends soon
        co_await group.over;                  // unloading fails the waiting requests instead of loading again
        for (const auto& one : outcome) CHECK(contains(one.error->message, "unloaded"));
        CHECK(w.count("start") == 1);
    });
}

TEST_CASE("supervisor: a worker that ignores Shutdown is killed") {
    Fixture fixture("ignore-shutdown");
    run(fixture, [](Fixture& w, Supervisor& s) -> Task<void> {
        CHECK((co_await answer(w, s, "m", "say 1")).done);
        const auto pid = static_cast<pid_t>(s.ps()[0].pid);
        CHECK(::kill(pid, 0) == 0);
        co_await s.shutdown(milliseconds(10));
        CHECK(::kill(pid, 0) != 0);
        CHECK((co_await answer(w, s, "m", "say 1")).error->code == Code::unavailable);
    });
}

}  // namespace supervisor_test
