#pragma once
// The supervisor's state for one model, with or without a worker. Internal to the supervisor.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/signal.h"
#include "engine/supervisor/crash_record.h"
#include "engine/supervisor/supervisor.h"
#include "engine/supervisor/worker.h"

namespace hearth::engine {

struct Entry {
    Entry(net::Loop& loop, std::string model, CrashRecord::Rules rules, seconds idle_for,
          net::Callback unload)
        : name(std::move(model)), keep_alive(idle_for), crashes(rules), idle(loop, std::move(unload)) {}

    std::string name;
    std::shared_ptr<Worker> worker;  // none: not loaded
    models::MemoryNeed need;         // of the worker, estimated when it was started
    seconds keep_alive;
    CrashRecord crashes;
    std::string last_error;
    Mono used{};
    Wall used_wall{};
    std::size_t waiting = 0;          // calls that wait for a worker
    std::int32_t wanted_context = 0;  // requested, if more than the worker has
    net::Deadline idle;
    Signal changed;

    [[nodiscard]] std::size_t open() const { return waiting + (worker ? worker->open() : 0); }
    [[nodiscard]] bool idle_now() const {
        return worker && worker->phase() == Worker::Phase::ready && open() == 0;
    }
};

}  // namespace hearth::engine
