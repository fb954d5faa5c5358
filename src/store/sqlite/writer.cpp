#include "store/sqlite/writer.h"

#include <fmt/format.h>

namespace hearth::store::sqlite {

namespace {

// The log is moved into the database every so many pages, beside the commits. It starts again from its beginning only
// when all of it is moved, which under steady load never happens by itself: above kRestartPages (32 MB) the thread moves
// the last, small part itself, and one batch waits for the disk.
constexpr int kCheckpointPages = 4'000;
constexpr int kRestartPages = 8'000;
constexpr std::size_t kBacklogChunk = 1000;  // operations of the backlog in one transaction

constexpr const char* kClosed = "The ledger is closed.";

void count(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // one at a time
}

}  // namespace

Writer::Writer(Committer::Start start, Database checkpoints, std::uint64_t recovered, const Options& options)
    : options_(options),
      committer_(std::move(start)),
      patience_(options.slow_commit),
      next_checkpoint_(kCheckpointPages),
      recovered_(recovered),
      checkpointer_(std::move(checkpoints)) {
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    (void)close();
}

Result<void> Writer::close() {
    if (!thread_.joinable()) return {};
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (backlog_.empty()) return {};
    const std::lock_guard lock(problem_mutex_);
    return fail(Code::storage,
                fmt::format("{} operations of the ledger could not be written and are lost: {}",
                            backlog_.size(), problem_.message));
}

// Everything that could wait is the thread's: fsync (the end of a checkpoint, and the first commit after it, which starts
// the log again), locks of other programs, a disk that failed or was slow, and whatever is queued before.
bool Writer::commit_now(Chain chain) {
    if (options_.synchronous == Synchronous::full) return false;
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn || failing_ || !backlog_.empty()) return false;
    if (log_restarts_ && !checkpointer_.running()) return false;
    {
        const std::lock_guard lock(mutex_);
        if (!queue_.empty() || closed()) return false;
    }
    const auto began = system_clock().mono();
    if (!patience_.has(began)) return false;
    committer_.wait_for_locks(milliseconds(0));
    const bool written = committer_.commit(chain);
    const auto now = system_clock().mono();
    patience_.took(now - began, now);
    if (written) count(direct_);
    if (written && checkpoint_due()) {
        log_restarts_ = true;
        {
            const std::lock_guard lock(mutex_);
            chore_ = true;
        }
        wake_.notify_one();
    }
    return written;
}

void Writer::submit(Chain chain) {
    bool sleeping = false;
    {
        const std::unique_lock lock(mutex_);
        if (!closed()) {
            queue_.splice(chain);
            sleeping = std::exchange(waiting_, false);
            chain = {};
        }
    }
    if (!chain.empty()) refuse(chain);
    if (sleeping) wake_.notify_one();
}

void Writer::refuse(Chain chain) {
    for (auto* operation = chain.head; operation; operation = operation->next) {
        operation->error = fail(Code::storage, kClosed).error();
    }
    give_back(chain);
}

Chain Writer::take() {
    std::unique_lock lock(mutex_);
    while (queue_.empty() && !stopping_ && !std::exchange(chore_, false)) {
        waiting_ = true;
        if (backlog_.empty()) {
            wake_.wait(lock);
        } else if (wake_.wait_until(lock, retry_at_) == std::cv_status::timeout) {
            waiting_ = false;
            break;
        }
    }
    waiting_ = false;
    return std::exchange(queue_, Chain{});
}

void Writer::run() {
    become_background_thread("hearth-ledger");
    for (bool stopping = false; !stopping;) {
        const Chain chain = take();
        {
            const std::lock_guard turn(turn_);
            const bool log_rests = !checkpointer_.running();
            committer_.wait_for_locks(options_.busy_wait);
            if (!chain.empty()) {
                process(chain);
            } else if (!backlog_.empty()) {
                (void)flush_backlog();
            }
            if (checkpoint_due()) {
                checkpoint();
            } else if (log_rests && !chain.empty()) {
                log_restarts_ = false;
            }
        }
        give_back(chain);
        const std::lock_guard lock(mutex_);
        stopping = stopping_ && chain.empty() && queue_.empty();
        closed_.store(stopping, std::memory_order_release);
    }
}

void Writer::process(Chain chain) {
    if (!failing_ || system_clock().mono() >= retry_at_) {
        if ((backlog_.empty() || flush_backlog()) && write(chain)) return;
    }
    for (auto* operation = chain.head; operation; operation = operation->next) keep(*operation);
}

bool Writer::write(Chain chain) {
    if (!committer_.commit(chain)) {
        note_failure();
        return false;
    }
    note_success();
    return true;
}

void Writer::note_failure() {
    failing_ = true;
    retry_at_ = system_clock().mono() + options_.retry;
    count(failed_commits_);
    const std::lock_guard lock(problem_mutex_);
    problem_ = committer_.failure();
    writable_.store(false, std::memory_order_relaxed);
}

void Writer::note_success() {
    if (!failing_ && writable_.load(std::memory_order_relaxed)) return;
    failing_ = false;
    const std::lock_guard lock(problem_mutex_);
    problem_ = Error{};
    writable_.store(true, std::memory_order_relaxed);
}

bool Writer::flush_backlog() {
    while (!backlog_.empty()) {
        const auto size = std::min(backlog_.size(), kBacklogChunk);
        std::vector<Operation> views;
        views.reserve(size);
        Chain chain;
        for (std::size_t i = 0; i < size; ++i) chain.push(views.emplace_back(backlog_[i].view()));
        if (!write(chain)) return false;
        for (std::size_t i = 0; i < size; ++i) {
            if (backlog_.front().intent) --backlog_begins_;
            backlog_.pop_front();
        }
        backlog_size_.store(backlog_begins_, std::memory_order_relaxed);
    }
    return true;
}

// The disk refuses: what may wait in memory does, the rest is told so.
void Writer::keep(Operation& operation) {
    operation.error.reset();
    const bool begins = operation.opens();
    // Settlements and reroutes belong to entries that were let in, so their number is bounded by the entries'.
    const bool room = begins ? backlog_begins_ < options_.backlog : backlog_.size() < 4 * options_.backlog;
    if (operation.leaves() || !room) {
        count(refused_);
        const std::lock_guard lock(problem_mutex_);
        Error error = problem_;
        error.code = Code::storage;
        error.message = fmt::format("{} Nothing is sent while it cannot be recorded. {}",
                                    room ? "The ledger cannot be written." : "The ledger's backlog is full.",
                                    problem_.message);
        operation.error = std::move(error);
        return;
    }
    if (begins) {
        operation.id = committer_.next_id();
        ++backlog_begins_;
        backlog_size_.store(backlog_begins_, std::memory_order_relaxed);
    }
    operation.kept = ledger::Kept::backlog;
    backlog_.emplace_back(operation);
}

void Writer::give_back(Chain chain) {
    Mailbox* touched = nullptr;
    for (auto* operation = chain.head; operation;) {
        auto* const next = operation->next;
        auto& mailbox = *operation->mailbox;
        if (mailbox.done.empty()) {
            mailbox.touched = touched;
            touched = &mailbox;
        }
        mailbox.done.push(*operation);
        operation = next;
    }
    while (touched) {
        auto* const mailbox = touched;
        touched = mailbox->touched;
        mailbox->loop->post([done = std::exchange(mailbox->done, Chain{})] { resume_all(done); });
    }
}

bool Writer::checkpoint_due() {
    const int pages = committer_.wal_pages();
    if (pages < kCheckpointPages) next_checkpoint_ = kCheckpointPages;  // it has begun again
    return pages >= next_checkpoint_ && !checkpointer_.running();
}

void Writer::checkpoint() {
    const int pages = committer_.wal_pages();
    log_restarts_ = true;
    if (pages < kRestartPages || !std::exchange(closing_in_, !closing_in_)) {
        committer_.renew_pin();  // all of the log may go
        checkpointer_.request();
        next_checkpoint_ = pages + (closing_in_ ? 1 : kCheckpointPages);
        return;
    }
    committer_.checkpoint();
    next_checkpoint_ = pages + kCheckpointPages;
}

ledger::Health Writer::health() const {
    ledger::Health health;
    health.writable = writable_.load(std::memory_order_relaxed) && !closed();
    {
        const std::lock_guard lock(problem_mutex_);
        health.problem = closed() ? kClosed : problem_.message;
    }
    health.backlog = backlog_size_.load(std::memory_order_relaxed);
    health.refused = refused_.load(std::memory_order_relaxed);
    const auto counts = committer_.counts();
    health.commits = counts.commits;
    health.operations = counts.operations;
    health.largest_batch = counts.largest_batch;
    health.direct = direct_.load(std::memory_order_relaxed);
    health.failed_commits = failed_commits_.load(std::memory_order_relaxed);
    health.recovered = recovered_;
    return health;
}

}  // namespace hearth::store::sqlite
