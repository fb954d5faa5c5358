#pragma once
// The supervisor's state: one entry for each requested model. Internal to the supervisor.
//   ensure()     returns a ready worker, loading it if necessary
//   may_start()  back-off and quarantine
//   make_room()  memory: unloads idle models, or fails
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/supervisor/entry.h"
#include "engine/supervisor/supervisor.h"
#include "net/loop.h"

namespace hearth::engine {

using EntryPtr = std::shared_ptr<Entry>;

struct Supervisor::State {
    State(net::Loop& l, SupervisorOptions o) : loop(l), options(std::move(o)) {
        if (!options.memory) options.memory = [] { return models::read_memory(); };
    }

    EntryPtr entry_of(const std::string& name);
    EntryPtr find(std::string_view name) const;
    void record_use(Entry& entry, const GenerateOptions& requested);
    Task<Result<std::shared_ptr<Worker>>> ensure(EntryPtr entry, models::Model model,
                                                 GenerateOptions requested, StopToken stop,
                                                 std::function<void(double)> on_progress);
    [[nodiscard]] std::int32_t context_for(const Entry& entry, const models::Model& model) const;
    bool large_enough(Entry& entry, const models::Model& model, const GenerateOptions& requested);
    Task<Result<void>> may_start(EntryPtr entry, StopToken stop);
    Task<Result<void>> make_room(EntryPtr entry, models::MemoryNeed need, StopToken stop);
    [[nodiscard]] models::MemoryState memory_now() const;
    [[nodiscard]] EntryPtr least_recently_used(const Entry& except) const;
    Result<void> start(const EntryPtr& entry, const models::Model& model, models::MemoryNeed need);
    void on_change(Entry& entry);
    void when_idle(Entry& entry);
    void on_exit(Entry& entry);
    [[nodiscard]] WorkerInfo describe(Entry& entry) const;

    net::Loop& loop;
    SupervisorOptions options;
    std::map<std::string, EntryPtr, std::less<>> entries;
    bool closing = false;
};

// Counts a call as waiting for its model's worker, so that the worker is not unloaded meanwhile.
class Waiting {
  public:
    Waiting(Supervisor::State& state, EntryPtr entry) : state_(state), entry_(std::move(entry)) {
        ++entry_->waiting;
    }
    ~Waiting() {
        --entry_->waiting;
        state_.when_idle(*entry_);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

  private:
    Supervisor::State& state_;
    EntryPtr entry_;
};

}  // namespace hearth::engine
