// Worker threads for blocking calls.
#include "net/loop_state.h"

namespace hearth::net {

namespace detail {

Workers::~Workers() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) thread.join();
}

bool Workers::submit(Callback job) {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= max_queued_) return false;
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < max_threads_) threads_.emplace_back([this] { work(); });
    ready_.notify_one();
    return true;
}

void Workers::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        --idle_;
        if (jobs_.empty()) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        job = nullptr;  // destroys its captures before the lock is taken again
        lock.lock();
    }
}

}  // namespace detail

Task<Result<void>> Loop::run_job(Callback job) {
    if (state_->simulated) {
        job();
        co_return Result<void>{};
    }
    Promised<bool> done;
    const bool queued = state_->workers.submit([&job, &done, inbox = state_->inbox] {
        job();
        inbox->post([&done] { done.set(true); });
    });
    if (!queued)
        co_return fail(Code::overloaded,
                       "too many blocking jobs are waiting for a thread; try again shortly");
    co_await done;
    co_return Result<void>{};
}

}  // namespace hearth::net
