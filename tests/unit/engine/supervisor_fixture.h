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

inline Task<void> drive(World& world, Body body) {
    {
        Supervisor supervisor(world.loop, world.options);
        co_await body(world, supervisor);
        co_await supervisor.shutdown(milliseconds(0));
        for (const auto& row : supervisor.ps()) CHECK(row.pid == 0);
    }
    world.loop.stop();
}

inline void run(World& world, Body body) {
    spawn(drive(world, body));
    world.loop.run();
}

inline exchange::Request ask(const std::string& script) {
    exchange::Request request;
    request.kind = exchange::Kind::completion;
    exchange::Completion completion;
    completion.prompts.emplace_back(script);
    request.body = std::move(completion);
    return request;
}

inline Task<EventList> rest_of(Generation& generation) {
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

inline Told tell(const EventList& events) {
    Told told;
    for (const auto& event : events) {
        if (const auto* piece = std::get_if<exchange::TextDelta>(&event)) told.text += piece->text;
        if (const auto* error = std::get_if<Error>(&event)) told.error = *error;
        if (std::holds_alternative<exchange::Done>(event)) told.done = true;
    }
    return told;
}

inline Task<Told> answer(World& world, Supervisor& supervisor, std::string model, std::string script,
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
inline Task<void> beside(World& world, Supervisor& supervisor, std::string script, Told& into, Group& group) {
    into = co_await answer(world, supervisor, "m", std::move(script));
    group.end();
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace hearth::engine::test
