// Decides whether a model may be loaded: back-off after crashes, quarantine, memory.
#include <fmt/format.h>

#include <algorithm>

#include "engine/supervisor/state.h"

namespace hearth::engine {
namespace {

constexpr auto kShortWait =
    seconds(3);  // a back-off up to this long is waited for; a longer one is reported to the client

std::int64_t in_ms(nanoseconds d) {
    return std::chrono::ceil<milliseconds>(d).count();
}

std::uint64_t saturating_sub(std::uint64_t a, std::uint64_t b) {
    return a - std::min(a, b);
}

}  // namespace

Task<Result<void>> Supervisor::State::may_start(EntryPtr entry, StopToken stop) {
    while (!stop.stopped() && !closing && !entry->worker) {
        const auto now = loop.now();
        const auto from = entry->crashes.not_before(now);
        if (from <= now) break;
        const bool quarantined = entry->crashes.quarantined(now);
        if (!quarantined && from - now <= kShortWait) {
            co_await loop.sleep(from - now, stop);
            continue;
        }
        const auto wait = std::chrono::ceil<seconds>(from - now).count();
        auto refused = fail(
            Code::unavailable,
            quarantined
                ? fmt::format("{} crashed {} times and is in quarantine for another {} s; `hearth stop {}` "
                              "lifts it. Last: {}",
                              entry->name, entry->crashes.count(now), wait, entry->name, entry->last_error)
                : fmt::format("{} is started again in {} s. Last: {}", entry->name, wait, entry->last_error));
        refused.error()->retry_after_ms = in_ms(from - now);
        co_return refused;
    }
    co_return Result<void>{};
}

// Memory for models, and the free part of it: the machine's memory less the reserve, and the configured limit.
//
// Some memory that the system reports as available belongs to workers: mapped weights count as evictable cache, and a
// worker that is loading has not allocated everything yet.
models::MemoryState Supervisor::State::memory_now() const {
    std::uint64_t claimed = 0, taken = 0;
    for (const auto& [name, entry] : entries) {
        if (!entry->worker) continue;
        taken += entry->need.total();
        claimed +=
            entry->worker->phase() == Worker::Phase::loading ? entry->need.total() : entry->need.weights;
    }
    auto state = options.memory();
    if (state.total > 0) {
        state.total = saturating_sub(state.total, options.memory_reserve);
        state.available = saturating_sub(saturating_sub(state.available, claimed), options.memory_reserve);
    } else if (options.memory_limit > 0) {
        state.total = state.available = options.memory_limit;
    }
    if (options.memory_limit > 0) {
        state.total = std::min(state.total, options.memory_limit);
        state.available = std::min(state.available, saturating_sub(options.memory_limit, taken));
    }
    return state;
}

EntryPtr Supervisor::State::least_recently_used(const Entry& except) const {
    EntryPtr oldest;
    for (const auto& [name, entry] : entries) {
        if (entry.get() == &except || !entry->idle_now()) continue;
        if (!oldest || entry->used < oldest->used) oldest = entry;
    }
    return oldest;
}

Task<Result<void>> Supervisor::State::make_room(EntryPtr entry, models::MemoryNeed need, StopToken stop) {
    while (!stop.stopped() && !closing && !entry->worker) {
        const auto state = memory_now();
        if (state.total == 0 || need.total() <= state.available) break;
        const bool ever = need.total() <= state.total;
        EntryPtr unloading;
        for (const auto& [name, other] : entries) {
            if (other->worker && other->worker->phase() == Worker::Phase::stopping) unloading = other;
        }
        if (ever && !unloading) {
            unloading = least_recently_used(*entry);
            if (unloading) unloading->worker->stop(false);
        }
        if (!ever || !unloading) {
            auto refused =
                fail(Code::storage,
                     fmt::format("{} needs about {} of memory (weights {}, context {}), but only {} {}. {}",
                                 entry->name, models::human_bytes(need.total()),
                                 models::human_bytes(need.weights), models::human_bytes(need.cache),
                                 models::human_bytes(ever ? state.available : state.total),
                                 ever ? "are free" : "may be used for models on this machine",
                                 ever ? "Stop a busy model (`hearth ps`), request a shorter context, or use "
                                        "a smaller quantization."
                                      : "Use a smaller quantization, a shorter context or a smaller model."));
            refused.error()->needed = static_cast<std::int64_t>(need.total());
            refused.error()->limit = static_cast<std::int64_t>(ever ? state.available : state.total);
            co_return refused;
        }
        const auto worker = unloading->worker;
        while (unloading->worker == worker && !stop.stopped()) co_await unloading->changed.wait(stop);
    }
    co_return Result<void>{};
}

}  // namespace hearth::engine
