// The supervisor against a scripted worker (tests/fake_engine): real processes, real sockets.
#include "engine/supervisor/supervisor.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <iterator>

#include "net/loop.h"
#include "unit/models/scratch.h"

using namespace hearth;
using namespace hearth::engine;

namespace {

using EventList = std::vector<exchange::Event>;

struct World {
    explicit World(std::string mode = "ready") {
        options.program = HEARTH_BINARY_DIR "/tests/bin/fake_engine";
        options.arguments = {std::move(mode), scratch.path("journal")};
        options.stop_grace = milliseconds(100);
        options.backoff_first = milliseconds(1);
        options.memory = [this] { return memory; };
    }
    models::Model model(const std::string& name, std::uint64_t bytes = 0) const {
        models::Model m;
        m.name = name;
        m.tensor_bytes = bytes;
        m.files.push_back({"/models/" + name, name, "", bytes});
        return m;
    }
    [[nodiscard]] std::size_t count(const std::string& line) const {
        const auto text = scratch.read("journal");
        std::size_t n = 0;
        for (std::size_t at = 0; (at = text.find(line + "\n", at)) != std::string::npos; at += line.size()) {
            if (at == 0 || text[at - 1] == '\n') ++n;
        }
        return n;
    }

    models::test::Scratch scratch;
    models::MemoryState memory{1ULL << 40, 1ULL << 40};
    SupervisorOptions options;
    net::Loop loop;
};

using Body = Task<void> (*)(World&, Supervisor&);

Task<void> drive(World& world, Body body) {
    {
        Supervisor supervisor(world.loop, world.options);
        co_await body(world, supervisor);
        co_await supervisor.shutdown(milliseconds(0));
        for (const auto& row : supervisor.ps()) CHECK(row.pid == 0);
    }
    world.loop.stop();
}

void run(World& world, Body body) {
    spawn(drive(world, body));
    world.loop.run();
}

exchange::Request ask(const std::string& script) {
    exchange::Request request;
    request.kind = exchange::Kind::completion;
    exchange::Completion completion;
    completion.prompts.emplace_back(script);
    request.body = std::move(completion);
    return request;
}

Task<EventList> rest_of(Generation& generation) {
    EventList all;
    while (true) {
        auto some = co_await generation.next();
        if (some.empty()) co_return all;
        std::ranges::move(some, std::back_inserter(all));
    }
}

// What a request came to: its text, and the error that ended it if one did.
struct Told {
    std::string text;
    std::optional<Error> error;
    bool done = false;
};

Told tell(const EventList& events) {
    Told told;
    for (const auto& event : events) {
        if (const auto* piece = std::get_if<exchange::TextDelta>(&event)) told.text += piece->text;
        if (const auto* error = std::get_if<Error>(&event)) told.error = *error;
        if (std::holds_alternative<exchange::Done>(event)) told.done = true;
    }
    return told;
}

Task<Told> answer(World& world, Supervisor& supervisor, std::string model, std::string script,
                  StopToken stop = {}) {
    auto generation = co_await supervisor.generate(world.model(model), ask(script), {}, stop);
    if (!generation) co_return Told{{}, generation.error(), false};
    co_return tell(co_await rest_of(**generation));
}

// Runs beside others; the last to end resumes who waits.
struct Group {
    int running = 0;
    Promised<bool> over;
    void end() {
        if (--running == 0) over.set(true);
    }
};
Task<void> beside(World& world, Supervisor& supervisor, std::string script, Told& into, Group& group) {
    into = co_await answer(world, supervisor, "m", std::move(script));
    group.end();
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

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
        CHECK((co_await s.unload("nobody", false)).error().code == Code::not_found);
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

TEST_CASE("supervisor: idle models leave when their time is over") {
    World world;
    world.options.keep_alive = seconds(-1);
    run(world, [](World& w, Supervisor& s) -> Task<void> {
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

TEST_CASE("supervisor: room is made by unloading what is idle, never what is busy") {
    World world;
    world.memory = {8ULL << 30, 8ULL << 30};
    run(world, [](World& w, Supervisor& s) -> Task<void> {
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
        CHECK(refused.error().code == Code::storage);
        CHECK(refused.error().needed > static_cast<std::int64_t>(kThreeGiB));
        CHECK(refused.error().limit > 0);
        CHECK(contains(refused.error().message, "3.0 GiB"));
        CHECK(contains(refused.error().message, "are free"));
        CHECK(s.loaded("b"));

        const auto never = co_await s.load(w.model("huge", 100ULL << 30), {}, {});
        CHECK(contains(never.error().message, "all that models may take here"));
    });
}

TEST_CASE("supervisor: a limit on memory counts every worker, whatever the machine says") {
    World world;
    world.options.memory_limit = 7ULL << 30;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
        constexpr std::uint64_t kThreeGiB = 3ULL << 30;
        CHECK(co_await s.load(w.model("a", kThreeGiB), {}, {}));
        CHECK(co_await s.load(w.model("b", kThreeGiB), {}, {}));
        CHECK(s.loaded("a"));
        CHECK(co_await s.load(w.model("c", kThreeGiB), {}, {}));
        CHECK(s.ps().size() == 2);
        CHECK((co_await s.load(w.model("d", 8ULL << 30), {}, {})).error().limit == 7LL << 30);
    });
}

TEST_CASE("supervisor: more context than was loaded is had by loading again, once it is free") {
    World world;
    run(world, [](World& w, Supervisor& s) -> Task<void> {
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
        CHECK(s.ps()[0].context_tokens == kDefaultContext);  // a running request is not cut
        running->reset();
        co_await group.over;
        CHECK((co_await s.load(model, small, {}))->context_tokens == 50'000);  // never loaded again to shrink
        large.context_tokens = 1'000'000;  // more than it was trained for: what it has is what there is
        CHECK((co_await s.load(model, large, {}))->context_tokens == 100'000);
        CHECK(w.count("start") == 3);
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
