#pragma once
// The gateway's side of the local engine: one hearth-engine process per model, started on demand, watched, unloaded
// when idle or when memory runs short, restarted with back-off after a crash, quarantined after repeated crashes. Used on
// one loop's thread only. A worker's crash is an Error event for its requests and affects nothing else.
//
//   auto generation = co_await supervisor.generate(model, request, options, stop);   // loads if necessary, queues
//   if (!generation) ... ;                                   // not started: another candidate may still answer
//   while (true) {
//       auto events = co_await (*generation)->next();        // events since the last call, at least one
//       if (events.empty()) break;                           // after Done or Error
//       ...
//   }
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/engine.h"
#include "engine/protocol/message.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "models/memory.h"
#include "models/store.h"

namespace hearth::net {
class Loop;
}

namespace hearth::engine {

struct SupervisorOptions {
    std::string program;                 // path of hearth-engine
    std::vector<std::string> arguments;  // before --fd N; for tests
    seconds keep_alive{300};             // idle time before a model is unloaded; negative = never
    std::int32_t context_tokens = 0;     // KV cells shared by a worker's sequences; 0 = as trained,
                                         // at most kDefaultContext
    std::int32_t sequences = 4;          // concurrent requests in one worker
    std::int32_t threads = 0;            // 0 = the worker chooses
    std::int32_t gpu_layers = -1;
    bool require_confinement = false;          // an unconfined worker is not used
    std::size_t queue = limits::kEngineQueue;  // open requests of one model beyond its sequences: overloaded
    // A worker that sends nothing for this long while it loads or has requests is killed. It sends ten times a second
    // while loading, and at every step; one step of a large prompt on a slow machine may take many seconds.
    seconds load_silence{120}, busy_silence{180};
    milliseconds stop_grace{5000};  // between asking a worker to stop and killing it
    int crashes_to_quarantine = 3;  // this many within crash_window: no start for that long
    seconds crash_window{600};
    milliseconds backoff_first{500}, backoff_most{30'000};
    std::uint64_t memory_reserve = 512ULL << 20;  // always kept free
    std::uint64_t memory_limit = 0;  // for all workers together, estimated; 0 = the machine's memory
    std::function<models::MemoryState()> memory;  // default: models::read_memory()
};
inline constexpr std::int32_t kDefaultContext = 16'384;

// crashed: no process now, started again on demand once retry_at has passed.
enum class WorkerState : std::uint8_t { starting, loading, ready, busy, stopping, crashed, quarantined };
[[nodiscard]] std::string_view worker_state_name(WorkerState state);

struct WorkerInfo {
    std::string model;  // canonical name
    WorkerState state = WorkerState::starting;
    std::int64_t pid = 0;             // 0: none
    double load_fraction = 0;         // while loading
    std::uint64_t memory_bytes = 0;   // estimated until the worker reports it
    std::optional<ModelFacts> facts;  // once ready
    std::optional<ConfinementReport> confinement;
    std::int32_t context_tokens = 0, sequences = 0;
    std::size_t open = 0, running = 0, waiting = 0;  // requests: all, being generated, queued
    Wall last_used{};
    std::optional<Wall> unload_at;  // if it stays idle
    double tokens_per_second = 0;   // generated, over the last requests; 0 = unknown
    std::int64_t load_ms = 0;
    int crashes = 0;               // within the window
    std::optional<Wall> retry_at;  // after a crash: not started before
    std::string last_error;        // the reason, if it crashed or could not load
};

// Errors of generate, load, count_tokens and ask: overloaded (queue full; retry_after_ms), unavailable (worker crashed,
// quarantined or backing off, with the end and how to lift it; shutting down), storage (does not fit into memory:
// needed and limit in bytes), corrupt, not_found, unsupported (from the worker's LoadFailed), cancelled.
class Supervisor final : public Engine {
  public:
    Supervisor(net::Loop& loop, SupervisorOptions options);
    ~Supervisor() override;  // after shutdown() has been awaited
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    [[nodiscard]] Task<Result<std::unique_ptr<Generation>>> generate(models::Model model,
                                                                     exchange::Request request,
                                                                     GenerateOptions options,
                                                                     StopToken stop) override;
    // Starts the worker if there is none and waits until it is ready. `on_progress` gets 0..1.
    [[nodiscard]] Task<Result<ModelFacts>> load(models::Model model, GenerateOptions options, StopToken stop,
                                                std::function<void(double)> on_progress) override;
    using Engine::load;
    // Stops a model's worker and forgets its crashes, which lifts a quarantine. `drain`: lets running requests finish
    // first. Code::not_found if it is neither loaded nor quarantined.
    [[nodiscard]] Task<Result<void>> unload(std::string name, bool drain) override;
    [[nodiscard]] Task<Result<std::int64_t>> count_tokens(models::Model model, exchange::Request request,
                                                          StopToken stop) override;

    // Loads if necessary. `query.id` is not used; too many tokens or bytes are Code::too_large.
    [[nodiscard]] Task<Result<TextAnswer>> ask(models::Model model, TextQuery query, StopToken stop);

    // Quantizes the GGUF file `in` to `out` (which must not exist) with weights of `type`, in a separate confined process.
    // A failure leaves no file. Code::invalid_request (no such type), corrupt (impossible with this file), unsupported (the
    // kernel cannot confine it), storage, cancelled.
    [[nodiscard]] Task<Result<void>> quantize(std::string in, std::string out, std::string type,
                                              StopToken stop);

    [[nodiscard]] std::vector<WorkerInfo> ps() const;                 // by name
    [[nodiscard]] bool loaded(std::string_view name) const override;  // ready or busy

    // Rejects new work, lets running requests finish until `grace` has passed, then stops every worker and waits for it.
    [[nodiscard]] Task<void> shutdown(milliseconds grace);

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace hearth::engine
