#include "store/sqlite/writer.h"

#include <fmt/format.h>

namespace hearth::store::sqlite {

namespace {

// The log is moved into the database every so many pages, beside the commits. It starts again from its beginning only
// when all of it is moved, which under steady load never happens by itself: above kRestartPages (32 MB) the writer moves
// the last, small part itself, and one batch waits for the disk.
constexpr int kCheckpointPages = 2'000;
constexpr int kRestartPages = 8'000;
constexpr ledger::EntryId kMarkEvery = 1024;  // entries between two updates of meta.settled_through
constexpr std::size_t kBacklogChunk = 1000;   // operations of the backlog in one transaction

void raise(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);  // one writer
}

}  // namespace

Writer::Writer(Start start, const Options& options)
    : db_(std::move(start.db)),
      rows_(std::move(start.rows)),
      pin_(std::move(start.pin)),
      options_(options),
      last_id_(start.last_id),
      settled_(start.last_id),
      marked_through_(start.last_id),
      next_request_(kCheckpointPages),
      recovered_(start.recovered),
      checkpointer_(std::move(start.checkpoints)) {
    sqlite3_wal_hook(
        db_.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Writer*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Writer::submit(Chain chain) {
    bool sleeping = false;
    {
        const std::lock_guard lock(mutex_);
        queue_.splice(chain);
        sleeping = std::exchange(waiting_, false);
    }
    if (sleeping) wake_.notify_one();
}

Chain Writer::take() {
    std::unique_lock lock(mutex_);
    while (queue_.empty() && !stopping_) {
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
    for (;;) {
        const Chain chain = take();
        if (chain.empty()) {
            bool stopping = false;
            {
                const std::lock_guard lock(mutex_);
                stopping = stopping_ && queue_.empty();
            }
            if (!backlog_.empty()) (void)flush_backlog();
            if (stopping) break;
            continue;
        }
        process(chain);
        checkpoint_if_due();
    }
    unpin();
    (void)rows_.settled_through(settled_.through());
}

void Writer::process(Chain chain) {
    bool written = false;
    if (!failing_ || std::chrono::steady_clock::now() >= retry_at_) {
        written = (backlog_.empty() || flush_backlog()) && write(chain);
    }
    if (!written) {
        for (auto* operation = chain.head; operation; operation = operation->next) keep(*operation);
    }
    give_back(chain);
}

// Between transactions a query is left open on its first row, so that its read lock is taken once and not with every
// batch: four of six locking system calls. The lock also holds back checkpoints, which therefore renew or drop it.
void Writer::pin() {
    if (!pinned_ && pin_.step() == SQLITE_ROW) pinned_ = true;
}

void Writer::unpin() {
    pin_.reset();
    pinned_ = false;
}

int Writer::begin() {
    int code = rows_.begin();
    if (pinned_ && code != SQLITE_DONE) {  // somebody else has written: what is pinned is an old state
        unpin();
        code = rows_.begin();
    }
    return code;
}

bool Writer::write(Chain chain) {
    const auto last_id = last_id_;
    int code = begin();
    std::uint64_t count = 0;
    for (auto* operation = chain.head; operation && code == SQLITE_DONE;
         operation = operation->next, ++count) {
        code = apply(*operation);
    }
    if (!finish(code)) {
        last_id_ = last_id;
        return false;
    }
    for (auto* operation = chain.head; operation; operation = operation->next) {
        const bool settles = operation->action == Action::settle || operation->action == Action::record;
        if (settles && !operation->error) settled_.insert(operation->id);
    }
    raise(commits_);
    raise(operations_, count);
    if (count > largest_batch_.load(std::memory_order_relaxed))
        largest_batch_.store(count, std::memory_order_relaxed);
    return true;
}

// SQLITE_DONE also when the operation itself was refused (operation.error): the others of its batch are not to blame.
int Writer::apply(Operation& operation) {
    operation.error.reset();
    operation.kept = ledger::Kept::committed;
    switch (operation.action) {
        case Action::begin:
            operation.id = ++last_id_;
            return rows_.entry(operation.id, *operation.intent);
        case Action::record: {
            operation.id = ++last_id_;
            const int code = rows_.entry(operation.id, *operation.intent);
            return code != SQLITE_DONE ? code : rows_.outcome(operation.id, *operation.settlement);
        }
        case Action::reroute:
        case Action::settle:
            break;
    }
    Error error;
    if (operation.id <= 0 || operation.id > last_id_) {
        error.code = Code::internal;
        error.message = fmt::format("The ledger has no entry {}.", operation.id);
        operation.error = std::move(error);
        return SQLITE_DONE;
    }
    int code = SQLITE_CONSTRAINT;
    if (!settled_.contains(operation.id)) {
        code = operation.action == Action::settle
                   ? rows_.outcome(operation.id, *operation.settlement)
                   : rows_.attempt(operation.id, *operation.failed, *operation.next_destination);
    }
    if ((code & 0xff) != SQLITE_CONSTRAINT) return code;
    error.code = Code::conflict;
    error.message = fmt::format("Entry {} of the ledger is settled already.", operation.id);
    operation.error = std::move(error);
    return SQLITE_DONE;
}

// Ends the transaction: commits after SQLITE_DONE, else rolls back and remembers why.
bool Writer::finish(int code) {
    ledger::EntryId mark = 0;
    if (code == SQLITE_DONE && settled_.through() - marked_through_ >= kMarkEvery) {
        mark = settled_.through();
        code = rows_.settled_through(mark);
    }
    if (code == SQLITE_DONE) code = rows_.commit();
    if (code != SQLITE_DONE) {
        note_failure();
        unpin();
        if (sqlite3_get_autocommit(db_.handle()) == 0) rows_.rollback();
        return false;
    }
    pin();
    if (mark != 0) marked_through_ = mark;
    if (failing_ || !writable_.load(std::memory_order_relaxed)) {
        failing_ = false;
        const std::lock_guard lock(problem_mutex_);
        problem_ = Error{};
        writable_.store(true, std::memory_order_relaxed);
    }
    return true;
}

void Writer::note_failure() {
    failing_ = true;
    retry_at_ = std::chrono::steady_clock::now() + options_.retry;
    raise(failed_commits_);
    const std::lock_guard lock(problem_mutex_);
    problem_ = db_.failure();
    writable_.store(false, std::memory_order_relaxed);
}

bool Writer::flush_backlog() {
    while (!backlog_.empty()) {
        const auto size = std::min(backlog_.size(), kBacklogChunk);
        int code = begin();
        for (std::size_t i = 0; i < size && code == SQLITE_DONE; ++i) {
            auto operation = backlog_[i].view();
            const auto last_id = last_id_;
            if (operation.action == Action::begin || operation.action == Action::record) {
                last_id_ = operation.id - 1;  // it has its id already
            }
            code = apply(operation);
            last_id_ = last_id;
        }
        if (!finish(code)) return false;
        for (std::size_t i = 0; i < size; ++i) {
            const auto& item = backlog_.front();
            if (item.settlement) settled_.insert(item.id);
            if (item.intent) --backlog_begins_;
            backlog_.pop_front();
        }
        raise(commits_);
        raise(operations_, size);
        backlog_size_.store(backlog_begins_, std::memory_order_relaxed);
    }
    return true;
}

// The disk refuses: what may wait in memory does, the rest is told so.
void Writer::keep(Operation& operation) {
    operation.error.reset();
    const bool begins = operation.action == Action::begin || operation.action == Action::record;
    // Settlements and reroutes belong to entries that were let in, so their number is bounded by the entries'.
    const bool room = begins ? backlog_begins_ < options_.backlog : backlog_.size() < 4 * options_.backlog;
    if (operation.leaves() || !room) {
        raise(refused_);
        const std::lock_guard lock(problem_mutex_);
        operation.error = problem_;
        operation.error->code = Code::storage;
        operation.error->message = fmt::format(
            "{} Nothing is sent while it cannot be recorded. {}",
            room ? "The ledger cannot be written." : "The ledger's backlog is full.", problem_.message);
        return;
    }
    if (begins) {
        operation.id = ++last_id_;
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
        auto* const done = std::exchange(mailbox->done, Chain{}).head;
        mailbox->loop->post([done] {
            for (auto* operation = done; operation;) {
                auto* const next = operation->next;  // resuming ends the frame that holds the node
                operation->waiter.resume();
                operation = next;
            }
        });
    }
}

void Writer::checkpoint_if_due() {
    if (wal_pages_ < kCheckpointPages) next_request_ = kCheckpointPages;  // it has begun again
    if (wal_pages_ < next_request_ || checkpointer_.running()) return;
    if (wal_pages_ < kRestartPages || !std::exchange(closing_in_, !closing_in_)) {
        unpin();
        pin();  // of the newest state: all of the log may go
        checkpointer_.request();
        next_request_ = wal_pages_ + (closing_in_ ? 1 : kCheckpointPages);
        return;
    }
    unpin();
    // Passive: a reader in the middle of a query only postpones the rest. A failure shows at the next commit.
    (void)sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    next_request_ = wal_pages_ + kCheckpointPages;
}

ledger::Health Writer::health() const {
    ledger::Health health;
    health.writable = writable_.load(std::memory_order_relaxed);
    {
        const std::lock_guard lock(problem_mutex_);
        health.problem = problem_.message;
    }
    health.backlog = backlog_size_.load(std::memory_order_relaxed);
    health.refused = refused_.load(std::memory_order_relaxed);
    health.commits = commits_.load(std::memory_order_relaxed);
    health.operations = operations_.load(std::memory_order_relaxed);
    health.largest_batch = largest_batch_.load(std::memory_order_relaxed);
    health.failed_commits = failed_commits_.load(std::memory_order_relaxed);
    health.recovered = recovered_;
    return health;
}

}  // namespace hearth::store::sqlite
