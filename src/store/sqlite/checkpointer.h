#pragma once
// Moves the write-ahead log into the database on a thread and connection of its own, because a checkpoint waits for the
// disk (two fsyncs) and commits must not. It runs beside commits; what they add meanwhile is left for the next time.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "store/sqlite/database.h"

namespace hearth::store::sqlite {

class Checkpointer {
  public:
    explicit Checkpointer(Database db);
    ~Checkpointer();  // lets a running one finish

    void request();  // starts one, unless one is running
    [[nodiscard]] bool running() const { return running_.load(std::memory_order_acquire); }

  private:
    void run();

    Database db_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool wanted_ = false, stopping_ = false;
    std::atomic<bool> running_{false};
    std::thread thread_;
};

// Blocks all signals for the calling thread, names it, and marks it as one that does not preempt others when woken: on
// a core shared with a loop, the loop first handles what it has and batches grow; on an idle core it runs at once.
void become_background_thread(const char* name);

}  // namespace hearth::store::sqlite
