// The data of `hearth ps`.
#include "engine/supervisor/state.h"

namespace hearth::engine {

WorkerInfo Supervisor::State::describe(Entry& entry) const {
    WorkerInfo info;
    const auto now = loop.now();
    const auto wall = [&](Mono at) {
        return loop.clock().wall() + std::chrono::duration_cast<milliseconds>(at - now);
    };
    info.model = entry.name;
    info.crashes = entry.crashes.count(now);
    info.last_error = entry.last_error;
    info.last_used = entry.used_wall;
    info.open = info.waiting = entry.waiting;
    info.memory_bytes = entry.worker ? entry.need.total() : 0;
    if (const auto from = entry.crashes.not_before(now); from > now) info.retry_at = wall(from);
    if (!entry.worker) {
        info.state = entry.crashes.quarantined(now) ? WorkerState::quarantined : WorkerState::crashed;
        return info;
    }
    const auto& worker = *entry.worker;
    info.pid = worker.pid();
    info.load_fraction = worker.fraction();
    info.context_tokens = worker.load().context_tokens;
    info.sequences = worker.load().sequences;
    info.open = entry.open();
    info.running = worker.running();
    info.waiting = info.open - info.running;
    info.tokens_per_second = worker.tokens_per_second();
    if (worker.ready()) {
        info.facts = worker.ready()->model;
        info.confinement = worker.ready()->confinement;
        info.load_ms = worker.ready()->load_ms;
        info.context_tokens = info.facts->context_tokens;
        info.sequences = info.facts->sequences;
        info.memory_bytes = static_cast<std::uint64_t>(info.facts->weight_bytes + info.facts->context_bytes) +
                            entry.need.compute;
    }
    if (entry.idle.armed()) info.unload_at = wall(entry.idle.when());
    switch (worker.phase()) {
        case Worker::Phase::loading:
            info.state = worker.fraction() > 0 ? WorkerState::loading : WorkerState::starting;
            break;
        case Worker::Phase::ready:
            info.state = worker.open() > 0 ? WorkerState::busy : WorkerState::ready;
            break;
        default:
            info.state = WorkerState::stopping;
    }
    return info;
}

std::string_view worker_state_name(WorkerState state) {
    switch (state) {
        case WorkerState::starting:
            return "starting";
        case WorkerState::loading:
            return "loading";
        case WorkerState::ready:
            return "ready";
        case WorkerState::busy:
            return "busy";
        case WorkerState::stopping:
            return "stopping";
        case WorkerState::crashed:
            return "crashed";
        case WorkerState::quarantined:
            return "quarantined";
    }
    return "unknown";
}

}  // namespace hearth::engine
