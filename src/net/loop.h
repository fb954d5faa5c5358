#pragma once
// The event loop: one thread, one epoll instance, edge-triggered. Everything that belongs to a loop is used
// on its thread only; post() and stop() are the two calls that another thread may make.
//
// Why epoll and not Asio: Asio 1.81 makes an epoll_ctl call for every wait that is not preceded by its own
// read, and cannot detect a peer's close without reading. Here a descriptor is registered once for
// its lifetime, a short read is recorded as "drained" and a peer's close is an event (EPOLLRDHUP):
// a proxied request costs one read and one write on each side.
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "base/time.h"

namespace hearth::net {

class Loop;
using Callback = std::move_only_function<void()>;

namespace detail {
struct Link {  // intrusive list; unlinking is O(1) and idempotent
    Link* prev = this;
    Link* next = this;
    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { unlink(); }
    [[nodiscard]] bool linked() const { return next != this; }
    void unlink() {
        prev->next = next;
        next->prev = prev;
        prev = next = this;
    }
    void push_back(Link& node) {
        node.unlink();
        node.prev = prev;
        node.next = this;
        prev->next = &node;
        prev = &node;
    }
};
struct LoopState;
}  // namespace detail

// Receives a descriptor's events. Internal to net and to rooms with their own descriptors (the engine's pidfd).
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void on_events(std::uint32_t epoll_events) = 0;
};

// A coarse timeout: fires up to kTick late, never early. arm() to a later
// time than before is one store, so it may be called for every read. Not movable; disarmed when destroyed.
// The callback may destroy the Deadline.
class Deadline : private detail::Link {
  public:
    static constexpr nanoseconds kTick = std::chrono::milliseconds(50);

    Deadline(Loop& loop, Callback callback) : loop_(loop), callback_(std::move(callback)) {}
    ~Deadline() = default;
    void arm(Mono when);
    void arm_in(nanoseconds delay);  // from the loop's now()
    void disarm() { when_ = kNever; }
    [[nodiscard]] bool armed() const { return when_ != kNever; }
    [[nodiscard]] Mono when() const { return when_; }

  private:
    friend class Loop;
    friend struct detail::LoopState;
    static constexpr Mono kNever = Mono::max();
    Loop& loop_;
    Mono when_ = kNever;
    std::int64_t slot_tick_ = 0;  // the tick at which the wheel next checks this deadline, while linked
    Callback callback_;
};

// Work for the end of the current tick: after all events of one epoll_wait are handled, before the next.
// Scheduling again is a no-op. Used to gather several small writes into one.
class Deferred : private detail::Link {
  public:
    Deferred(Loop& loop, Callback callback) : loop_(loop), callback_(std::move(callback)) {}
    void schedule();
    void cancel() { unlink(); }

  private:
    friend class Loop;
    friend struct detail::LoopState;
    Loop& loop_;
    Callback callback_;
};

class Loop {
  public:
    struct Options {
        unsigned workers = 4;            // threads for run_blocking, started when first needed
        std::size_t queued_jobs = 1024;  // beyond: Code::overloaded
        // For tests. The loop then never waits: when nothing is ready it sets this clock to the next deadline or sleep, and
        // blocking jobs run at once on its own thread, so that the same input gives the same run. Outlives the loop.
        SimulatedClock* simulated = nullptr;
    };
    Loop() : Loop(Options{}) {}
    explicit Loop(Options options);
    ~Loop();  // after run() has returned; joins the workers
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void run();                      // until stop(); may be called again
    void stop();                     // any thread
    void post(Callback callback);    // any thread; runs on the loop, in order; dropped if the loop is gone
    [[nodiscard]] Mono now() const;  // the time at which this tick began (no system call)
    [[nodiscard]] Clock& clock() const { return *clock_; }

    // Waits; returns early when the token stops (the token has the reason). Precise to a millisecond.
    Task<void> sleep(nanoseconds duration, StopToken stop = {});

    // `callback` runs on the loop for every arrival of the signal. One callback per signal and process.
    void on_signal(int signo, Callback callback);

    // Runs `fn` (which returns Result<T>) on a worker thread and gives its result on the loop. For the disk
    // and other calls that block. Code::overloaded when the queue is full. `fn` must own what it uses: the
    // caller's frame waits for it, so references into that frame are fine. Not cancellable.
    template <class F>
    auto run_blocking(F fn) -> Task<std::invoke_result_t<F&>> {
        using R = std::invoke_result_t<F&>;
        std::optional<R> result;
        Result<void> ran = co_await run_job([&fn, &result] { result.emplace(fn()); });
        if (!ran) co_return R(std::unexpect, std::move(ran.error()));
        co_return std::move(*result);
    }

    // For owners of descriptors: registered edge-triggered for reading, writing and peer close, once.
    [[nodiscard]] Result<void> add(int fd, EventSink& sink);
    void remove(int fd, EventSink& sink);  // before closing fd; no event comes afterwards

    // Blocks of memory for reading, shared by all connections of the loop: taken when bytes are
    // available, released when a connection waits. Each has kBlockSlack spare bytes behind it (the JSON reader looks past
    // the end).
    static constexpr std::size_t kBlockBytes = 16 * 1024;
    static constexpr std::size_t kBlockSlack = 64;
    struct BlockReturn {
        Loop* loop = nullptr;
        void operator()(char* block) const;
    };
    using Block = std::unique_ptr<char[], BlockReturn>;
    [[nodiscard]] Block take_block();

    [[nodiscard]] detail::LoopState& state() { return *state_; }

  private:
    Task<Result<void>> run_job(Callback job);
    void forget_signals();
    Clock* clock_;
    std::unique_ptr<detail::LoopState> state_;
};

}  // namespace hearth::net
