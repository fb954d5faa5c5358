#include "store/sqlite/checkpointer.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace hearth::store::sqlite {

namespace {

// Nice value. Nobody waits for a checkpoint: of a core that they share, the loop gets nine tenths.
constexpr int kPatient = 10;

}  // namespace

void become_background_thread(const char* name) {
    ::pthread_setname_np(::pthread_self(), name);
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    const sched_param param{};
    (void)::sched_setscheduler(0, SCHED_BATCH, &param);
}

Checkpointer::Checkpointer(Database db) : db_(std::move(db)), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Checkpointer::request() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(wanted_, true)) return;
        running_.store(true, std::memory_order_release);
    }
    wake_.notify_one();
}

void Checkpointer::run() {
    become_background_thread("hearth-ckpt");
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kPatient);
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return wanted_ || stopping_; });
        if (stopping_) return;
        lock.unlock();
        // A failure (disk full) loses nothing: the log keeps what could not be moved, and commits report the disk.
        (void)sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        lock.lock();
        wanted_ = false;
        running_.store(false, std::memory_order_release);
    }
}

}  // namespace hearth::store::sqlite
