#include "store/sqlite/committer.h"

#include <fmt/format.h>

namespace hearth::store::sqlite {

namespace {

constexpr ledger::EntryId kMarkEvery = 1024;  // entries between two updates of meta.settled_through

void raise(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);  // one at a time
}

}  // namespace

Committer::Committer(Start start)
    : db_(std::move(start.db)),
      rows_(std::move(start.rows)),
      pin_(std::move(start.pin)),
      last_id_(start.last_id),
      settled_(start.last_id),
      marked_through_(start.last_id) {
    sqlite3_wal_hook(
        db_.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Committer*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
}

Committer::~Committer() {
    unpin();
    (void)rows_.settled_through(settled_.through());
}

void Committer::wait_for_locks(milliseconds wait) {
    sqlite3_busy_timeout(db_.handle(), static_cast<int>(wait.count()));
}

// Between transactions a query is left open on its first row, so that its read lock is taken once and not with every
// batch: four of six locking system calls. The lock also holds back checkpoints, which therefore renew or drop it.
void Committer::pin() {
    if (!pinned_ && pin_.step() == SQLITE_ROW) pinned_ = true;
}

void Committer::unpin() {
    pin_.reset();
    pinned_ = false;
}

void Committer::renew_pin() {
    unpin();
    pin();
}

void Committer::checkpoint() {
    unpin();
    // Passive: a reader in the middle of a query only postpones the rest. A failure shows at the next commit.
    (void)sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

int Committer::begin() {
    int code = rows_.begin();
    if (pinned_ && code != SQLITE_DONE) {  // somebody else has written: what is pinned is an old state
        unpin();
        code = rows_.begin();
    }
    return code;
}

bool Committer::commit(Chain chain) {
    const auto last_id = last_id_;
    int code = begin();
    std::uint64_t size = 0;
    for (auto* operation = chain.head; operation && code == SQLITE_DONE;
         operation = operation->next, ++size) {
        code = apply(*operation);
    }
    if (!finish(code)) {
        last_id_ = last_id;
        for (auto* operation = chain.head; operation; operation = operation->next) {
            if (operation->opens() && operation->id > last_id) operation->id = 0;
        }
        return false;
    }
    for (auto* operation = chain.head; operation; operation = operation->next) {
        if (operation->closes() && !operation->error) settled_.insert(operation->id);
    }
    count(size);
    return true;
}

// SQLITE_DONE also when the operation itself was refused.
int Committer::apply(Operation& operation) {
    operation.error.reset();
    operation.kept = ledger::Kept::committed;
    if (!operation.opens()) return change_entry(operation);
    if (operation.id == 0) operation.id = next_id();
    const int code = rows_.entry(operation.id, *operation.intent);
    if (code != SQLITE_DONE || !operation.closes()) return code;
    return rows_.outcome(operation.id, *operation.settlement);
}

// Settles or reroutes an entry that exists and is not settled.
int Committer::change_entry(Operation& operation) {
    if (operation.id <= 0 || operation.id > last_id_) {
        operation.error =
            fail(Code::internal, fmt::format("The ledger has no entry {}.", operation.id)).error();
        return SQLITE_DONE;
    }
    int code = SQLITE_CONSTRAINT;
    if (!settled_.contains(operation.id)) {
        code = operation.closes() ? rows_.outcome(operation.id, *operation.settlement)
                                  : rows_.attempt(operation.id, *operation.failed, *operation.next_route);
    }
    if ((code & 0xff) != SQLITE_CONSTRAINT) return code;
    operation.error =
        fail(Code::conflict, fmt::format("Entry {} of the ledger is settled already.", operation.id)).error();
    return SQLITE_DONE;
}

// Ends the transaction: commits after SQLITE_DONE, else rolls back.
bool Committer::finish(int code) {
    ledger::EntryId mark = 0;
    if (code == SQLITE_DONE && settled_.through() - marked_through_ >= kMarkEvery) {
        mark = settled_.through();
        code = rows_.settled_through(mark);
    }
    if (code == SQLITE_DONE) code = rows_.commit();
    if (code != SQLITE_DONE) {
        failure_ = db_.failure();
        unpin();
        if (sqlite3_get_autocommit(db_.handle()) == 0) rows_.rollback();
        return false;
    }
    pin();
    if (mark != 0) marked_through_ = mark;
    return true;
}

void Committer::count(std::uint64_t operations) {
    raise(commits_);
    raise(operations_, operations);
    if (operations > largest_batch_.load(std::memory_order_relaxed))
        largest_batch_.store(operations, std::memory_order_relaxed);
}

Committer::Counts Committer::counts() const {
    return {.commits = commits_.load(std::memory_order_relaxed),
            .operations = operations_.load(std::memory_order_relaxed),
            .largest_batch = largest_batch_.load(std::memory_order_relaxed)};
}

}  // namespace hearth::store::sqlite
