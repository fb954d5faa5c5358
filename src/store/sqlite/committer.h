#pragma once
// Chains of operations to transactions, on one connection. One thread at a time: whoever has the writer's turn.
#include <atomic>
#include <cstdint>

#include "store/sqlite/operation.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/settled.h"

namespace hearth::store::sqlite {

class Committer {
  public:
    struct Start {
        Database db;
        RowWriter rows;             // of db
        Statement pin;              // of db: any query with a row
        ledger::EntryId last_id{};  // of the newest entry
    };
    explicit Committer(Start start);
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;
    ~Committer();  // notes how far everything is settled

    // One transaction. True: it is committed, and every operation holds its id or its own refusal (Operation::error: the
    // others of the chain are not to blame). False: nothing of it is written, and failure() says why.
    [[nodiscard]] bool commit(Chain chain);
    [[nodiscard]] const Error& failure() const { return failure_; }  // the last one

    // An id for an entry that must wait in memory. begin and record take a new one if they have none.
    [[nodiscard]] ledger::EntryId next_id() { return ++last_id_; }

    void wait_for_locks(milliseconds wait);  // of other programs; 0 = fail at once

    [[nodiscard]] int wal_pages() const { return wal_pages_; }  // in the log after the last commit
    void renew_pin();   // lets a checkpoint move everything that is committed by now
    void checkpoint();  // moves what nobody reads; waits for the disk

    struct Counts {
        std::uint64_t commits = 0, operations = 0, largest_batch = 0;
    };
    [[nodiscard]] Counts counts() const;  // any thread

  private:
    [[nodiscard]] int begin();
    [[nodiscard]] int apply(Operation& operation);
    [[nodiscard]] int change_entry(Operation& operation);
    [[nodiscard]] bool finish(int code);
    void count(std::uint64_t operations);
    void pin();
    void unpin();

    Database db_;
    RowWriter rows_;
    Statement pin_;
    bool pinned_ = false;
    ledger::EntryId last_id_;
    Settled settled_;
    ledger::EntryId marked_through_;
    int wal_pages_ = 0;
    Error failure_;
    std::atomic<std::uint64_t> commits_{0}, operations_{0}, largest_batch_{0};
};

}  // namespace hearth::store::sqlite
