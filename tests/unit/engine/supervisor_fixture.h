#pragma once
// A supervisor with the scripted worker (tests/fake_engine), for tests: real processes, real sockets.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "engine/supervisor/supervisor.h"
#include "net/loop.h"
#include "unit/models/scratch.h"

namespace hearth::engine::test {

using EventList = std::vector<exchange::Event>;

struct Fixture {
    explicit Fixture(std::string mode = "ready") {
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

using Body = Task<void> (*)(Fixture&, Supervisor&);

inline Task<void> drive(Fixture& fixture, Body body) {
    {
        Supervisor supervisor(fixture.loop, fixture.options);
        co_await body(fixture, supervisor);
        co_await supervisor.shutdown(milliseconds(0));
        for (const auto& row : supervisor.ps()) CHECK(row.pid == 0);
    }
    fixture.loop.stop();
}

inline void run(Fixture& fixture, Body body) {
    spawn(drive(fixture, body));
    fixture.loop.run();
}

inline exchange::Request ask(const std::string& script) {
    exchange::Request request;
    request.kind = exchange::Kind::completion;
    exchange::Completion completion;
    completion.prompts.emplace_back(script);
    request.body = std::move(completion);
    return request;
}

inline Task<EventList> collect_events(Generation& generation) {
    EventList all;
    while (true) {
        auto some = co_await generation.next();
        if (some.empty()) co_return all;
        std::ranges::move(some, std::back_inserter(all));
    }
}

// The result of a request: its text, and the error that ended it, if any.
struct Outcome {
    std::string text;
    std::optional<Error> error;
    bool done = false;
};

inline Outcome collect(const EventList& events) {
    Outcome outcome;
    for (const auto& event : events) {
        if (const auto* piece = std::get_if<exchange::TextDelta>(&event)) outcome.text += piece->text;
        if (const auto* error = std::get_if<Error>(&event)) outcome.error = *error;
        if (std::holds_alternative<exchange::Done>(event)) outcome.done = true;
    }
    return outcome;
}

inline Task<Outcome> answer(Fixture& fixture, Supervisor& supervisor, std::string model, std::string script,
                            StopToken stop = {}) {
    auto generation = co_await supervisor.generate(fixture.model(model), ask(script), {}, stop);
    if (!generation) co_return Outcome{{}, generation.error(), false};
    co_return collect(co_await collect_events(**generation));
}

// Runs concurrently with others; the last to end resumes the waiter.
struct Group {
    int running = 0;
    Promised<bool> over;
    void end() {
        if (--running == 0) over.set(true);
    }
};
inline Task<void> run_in_group(Fixture& fixture, Supervisor& supervisor, std::string script, Outcome& into,
                               Group& group) {
    into = co_await answer(fixture, supervisor, "m", std::move(script));
    group.end();
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace hearth::engine::test
