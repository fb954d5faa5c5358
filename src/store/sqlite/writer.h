#pragma once
// The one thread that writes the ledger. It takes whatever is queued, commits it as one transaction, gives the results
// back to the loops, and only then checkpoints. While the disk refuses it keeps a bounded backlog (ledger/ledger.h).
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "net/loop.h"
#include "store/sqlite/checkpointer.h"
#include "store/sqlite/operation.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/settled.h"
#include "store/sqlite/store.h"

namespace hearth::store::sqlite {

// Where the results of one loop's operations go; belongs to that loop's ledger object.
struct Mailbox {
    net::Loop* loop = nullptr;
    Chain done;                  // writer's side, while it gives out one batch
    Mailbox* touched = nullptr;  // likewise: next mailbox with results
};

class Writer {
  public:
    struct Start {
        Database db, checkpoints;  // two connections
        RowWriter rows;            // of db
        Statement pin;             // of db: any query with a row
        ledger::EntryId last_id = 0;
        std::uint64_t recovered = 0;
    };
    Writer(Start start, const Options& options);
    ~Writer();  // writes what is queued and what it can of the backlog

    void submit(Chain chain);                     // any thread
    [[nodiscard]] ledger::Health health() const;  // any thread

  private:
    void run();
    Chain take();
    void process(Chain chain);
    [[nodiscard]] bool write(Chain chain);
    [[nodiscard]] int apply(Operation& operation);
    [[nodiscard]] bool finish(int code);
    [[nodiscard]] bool flush_backlog();
    void keep(Operation& operation);
    void note_failure();
    void give_back(Chain chain);
    void checkpoint_if_due();
    [[nodiscard]] int begin();
    void pin();
    void unpin();

    Database db_;
    RowWriter rows_;
    Statement pin_;
    bool pinned_ = false;
    const Options options_;

    // The writer thread's own.
    ledger::EntryId last_id_;
    Settled settled_;
    ledger::EntryId marked_through_;
    std::deque<OwnedOperation> backlog_;
    std::size_t backlog_begins_ = 0;
    bool failing_ = false;
    std::chrono::steady_clock::time_point retry_at_{};
    int wal_pages_ = 0;        // after the last commit
    int next_request_ = 0;     // pages at which the checkpointer is asked again
    bool closing_in_ = false;  // it was asked for the last part before a restart of the log

    std::mutex mutex_;
    std::condition_variable wake_;
    Chain queue_;
    bool waiting_ = false, stopping_ = false;

    std::atomic<std::uint64_t> commits_{0}, operations_{0}, largest_batch_{0}, failed_commits_{0},
        refused_{0}, backlog_size_{0};
    const std::uint64_t recovered_;
    mutable std::mutex problem_mutex_;
    Error problem_;  // Code::storage or corrupt with a message; empty message: none now
    std::atomic<bool> writable_{true};

    Checkpointer checkpointer_;
    std::thread thread_;
};

}  // namespace hearth::store::sqlite
