#pragma once
// The internals of Loop, shared by loop.cpp, timers.cpp, workers.cpp and signals.cpp; not for other rooms.
#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <bitset>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/fd.h"
#include "net/loop.h"

namespace hearth::net::detail {

// State shared with other threads. Outlives the loop while a worker still holds it.
struct Inbox {
    std::mutex mutex;
    std::vector<Callback> items;
    bool open = true;
    bool signalled = false;  // an eventfd write is under way or unread
    Fd wake;
    void post(Callback callback);
    void ring() const;
};

// A bounded pool of threads, each started when a job finds no idle one.
class Workers {
  public:
    Workers(unsigned threads, std::size_t queued) : max_threads_(threads), max_queued_(queued) {}
    ~Workers();
    bool submit(Callback job);  // false: the queue is full

  private:
    void work();
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Callback> jobs_;
    std::vector<std::thread> threads_;
    unsigned max_threads_;
    std::size_t max_queued_;
    unsigned idle_ = 0;
    bool stopping_ = false;
};

struct SleepNode;

struct LoopState {
    static constexpr std::size_t kSlots =
        512;  // of Deadline::kTick: 25.6 s per turn; later deadlines are checked again
    static constexpr std::size_t kBatch = 256;
    static constexpr std::size_t kFreeBlocks = 64;

    explicit LoopState(const Loop::Options& options)
        : simulated(options.simulated), workers(options.workers, options.queued_jobs) {}

    SimulatedClock* const simulated;
    Fd epoll;
    std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
    std::atomic<bool> stopping = false;
    Mono now{};
    std::array<epoll_event, kBatch> batch{};
    int batch_next = 0, batch_end = 0;

    Link deferred;
    std::array<Link, kSlots> wheel;
    std::bitset<kSlots> maybe_used;  // a set bit may refer to an emptied slot
    std::int64_t swept_tick = 0;     // every slot up to this tick has been processed
    std::multimap<Mono, SleepNode*> sleepers;

    std::vector<char*> free_blocks;
    std::map<int, Callback> signal_callbacks;
    Workers workers;

    static std::int64_t tick_of(Mono when) { return when.time_since_epoch() / Deadline::kTick; }
    void place(Deadline& deadline);
    void sweep();
    void wake_sleepers();
    void run_deferred();
    void run_inbox();
    void run_signals();
    [[nodiscard]] Mono next_due() const;  // Mono::max(): nothing
    [[nodiscard]] int wait_ms() const;
    void advance_simulated_clock();
};

}  // namespace hearth::net::detail
