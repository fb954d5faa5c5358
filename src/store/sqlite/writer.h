#pragma once
// Who writes the ledger: the loop itself whenever nothing is in the way, which spares a request four changes of thread;
// else a thread of its own, which waits for slow disks, other programs' locks, checkpoints, and keeps a bounded backlog
// while the disk refuses (ledger/ledger.h). Either takes whatever has gathered and commits it as one transaction.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "net/loop.h"
#include "store/sqlite/checkpointer.h"
#include "store/sqlite/committer.h"
#include "store/sqlite/patience.h"
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
    Writer(Committer::Start start, Database checkpoints, std::uint64_t recovered, const Options& options);
    ~Writer();

    // Any thread, once nothing is waited for. Writes what is queued and what it can of the backlog, and ends the thread;
    // afterwards operations are refused. Error: what of the backlog could not be written is lost.
    [[nodiscard]] Result<void> close();
    [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }

    // Any thread. True: committed, the caller resumes the waiters. False: nothing has happened, submit() it.
    [[nodiscard]] bool commit_now(Chain chain);
    void submit(Chain chain);                     // any thread; the results come through the mailboxes
    [[nodiscard]] ledger::Health health() const;  // any thread

  private:
    void run();
    Chain take();
    void process(Chain chain);
    [[nodiscard]] bool write(Chain chain);
    [[nodiscard]] bool flush_backlog();
    void keep(Operation& operation);
    void note_failure();
    void note_success();
    void give_back(Chain chain);
    void refuse(Chain chain);
    [[nodiscard]] bool checkpoint_due();
    void checkpoint();

    const Options options_;

    // Belongs to whoever holds the turn: the thread while it works, a loop while it commits by itself.
    std::mutex turn_;
    Committer committer_;
    Patience patience_;
    std::deque<OwnedOperation> backlog_;
    std::size_t backlog_begins_ = 0;
    bool failing_ = false;
    bool log_restarts_ = false;  // after a checkpoint: the next commit may wait for the disk
    Mono retry_at_{};
    int next_checkpoint_;      // pages at which the checkpointer is asked again
    bool closing_in_ = false;  // it was asked for the last part before a restart of the log

    std::mutex mutex_;
    std::condition_variable wake_;
    Chain queue_;
    bool waiting_ = false, stopping_ = false, chore_ = false;

    std::atomic<std::uint64_t> direct_{0}, failed_commits_{0}, refused_{0}, backlog_size_{0};
    const std::uint64_t recovered_;
    mutable std::mutex problem_mutex_;
    Error problem_;  // Code::storage or corrupt with a message; empty message: none now
    std::atomic<bool> writable_{true}, closed_{false};  // closed_ is set under mutex_

    Checkpointer checkpointer_;
    std::thread thread_;
};

}  // namespace hearth::store::sqlite
