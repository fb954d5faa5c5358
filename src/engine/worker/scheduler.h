#pragma once
// Continuous batching. One thread owns the model's contexts and repeats: accept new jobs, assign slots,
// build one batch, decode it, sample, send events. Requests share every step:
//   - each generating sequence always contributes its one token;
//   - prompts fill the rest: all of it when no sequence generates, else a slice sized by measurement so that a
//     step stays short and running streams make progress.
// A prompt starts from the longest prefix that any sequence holds, running ones included (cells are shared by
// reference, not copied). Cancelling keeps the evaluated cells. When cells run out, idle sequences are evicted, the least
// recently used first; then the newest running request is preempted: back to the queue, evaluated again later. Nothing is
// ever truncated.
//
// Everything is bounded: limits::kEngineQueue requests wait, the rest get Code::overloaded.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "engine/worker/job.h"
#include "engine/worker/slot.h"

namespace hearth::engine {

class Scheduler {
  public:
    // Called on the scheduler's thread, with the events of one step; may block to slow the scheduler down.
    using Sink = std::function<void(std::vector<RequestEvent>)>;

    Scheduler(Model& model, Sink sink);
    ~Scheduler();  // calls stop()
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    void start();

    // From any thread.
    void submit(std::unique_ptr<Job> job);
    void cancel(RequestId id);
    [[nodiscard]] Stats stats() const;
    void drain();  // rejects waiting requests, finishes running ones
    void stop();   // at once; open requests get no more events
    [[nodiscard]] bool drained() const;

  private:
    struct Row {
        int slot = -1;
        Generation* generation = nullptr;
        std::int32_t tokens = 0;   // pending tokens of it in this batch
        std::int32_t output = -1;  // batch index of its logits, or -1
    };

    void run();
    bool take_in();  // false: stop
    void drop_cancelled();
    void admit();
    bool place(Generation& generation);
    [[nodiscard]] bool should_wait_for_prefix(const Generation& generation) const;
    void finish_job(Job& job, std::optional<Error> error);
    void release(Generation& generation);
    void enqueue(Generation& generation);
    void echo_prompt(Generation& generation);

    // scheduler_step.cpp
    void step();
    void build_batch();
    void add_row(Slot& slot, std::int32_t tokens);
    [[nodiscard]] std::int32_t prompt_budget(std::int32_t live) const;
    bool decode();  // false: nothing was decoded
    bool make_room();
    void after_abort();
    void measure(double ms, std::int32_t live, std::int32_t prompt_tokens);
    void take_outputs();
    void take_token(Generation& generation, std::int32_t row);
    void fork_siblings(Generation& generation, std::int32_t row);
    void finish_generation(Generation& generation, exchange::FinishReason reason);

    // scheduler_embed.cpp
    void embed_next();
    Result<std::vector<float>> embed(const std::vector<llama_token>& tokens);

    void emit(const Job& job, exchange::Event event) { out_.push_back({job.id, std::move(event)}); }
    [[nodiscard]] std::int64_t cells_in_use() const;
    void publish_stats();

    Model& model_;
    Sink sink_;
    std::thread thread_;

    // used by the scheduler thread only
    std::unordered_map<RequestId, std::unique_ptr<Job>> jobs_;
    std::vector<std::unique_ptr<Job>> finished_;  // until the end of the step
    std::vector<Generation*> waiting_;            // by priority, then arrival
    std::vector<Job*> embeddings_;
    std::vector<Slot> slots_;
    SlotRules rules_;
    llama_batch batch_{};
    std::vector<Row> rows_;
    std::vector<RequestEvent> out_;
    std::uint64_t clock_ = 0;                            // for last_used and order
    double prompt_ms_per_token_ = 0, live_step_ms_ = 0;  // running averages
    Stats totals_;

    // shared
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::unique_ptr<Job>> inbox_;
    std::vector<RequestId> cancelled_;
    std::unordered_set<RequestId> in_batch_;  // requests in the batch being decoded
    Stats stats_;
    std::size_t queued_ = 0;
    bool stopping_ = false, draining_ = false;
};

}  // namespace hearth::engine
