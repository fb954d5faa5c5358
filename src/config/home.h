#pragma once
// $HEARTH_HOME: the one folder under which everything that Hearth writes lies. Default: ~/.hearth.
//
//   hearth.toml   configuration (optional)         run/lock     flock(2) of the daemon, holds its pid
//   keys          hashed keys, mode 0600           run/address  HOST:PORT of the daemon's first listener
//   ledger.db     the ledger (SQLite, WAL)         run/*.sock   the workers' sockets
//   models/       pulled models                    cache/       saved prompt caches
//   logs/         daemon.log of a background run   history      lines typed into `hearth run`
//   responses/    answers kept for previous_response_id, if [responses] on_disk
#include <filesystem>

#include "base/error.h"
#include "config/environment.h"

namespace hearth::config {

struct Home {
    std::filesystem::path root;  // absolute

    [[nodiscard]] std::filesystem::path config_file() const { return root / "hearth.toml"; }
    [[nodiscard]] std::filesystem::path keys() const { return root / "keys"; }
    [[nodiscard]] std::filesystem::path ledger() const { return root / "ledger.db"; }
    [[nodiscard]] std::filesystem::path models() const { return root / "models"; }
    [[nodiscard]] std::filesystem::path cache() const { return root / "cache"; }
    [[nodiscard]] std::filesystem::path logs() const { return root / "logs"; }
    [[nodiscard]] std::filesystem::path responses() const { return root / "responses"; }
    [[nodiscard]] std::filesystem::path history() const { return root / "history"; }
    [[nodiscard]] std::filesystem::path run() const { return root / "run"; }
    [[nodiscard]] std::filesystem::path lock() const { return run() / "lock"; }
    [[nodiscard]] std::filesystem::path address() const { return run() / "address"; }

    // $HEARTH_HOME, else $HOME/.hearth. Errors (config): neither is set, or the path is relative.
    [[nodiscard]] static Result<Home> find(const Environment& env);
    // Makes root and run/ (mode 0700). Errors (storage): names the folder, errno's sentence and the remedy.
    [[nodiscard]] Result<void> create() const;
};

// One daemon per home: an flock(2) on run/lock, released by the kernel when the process ends however it ends.
class DaemonLock {
  public:
    // Errors (conflict): another daemon holds it, its pid in the message. (storage): cannot be opened.
    [[nodiscard]] static Result<DaemonLock> acquire(const Home& home);
    DaemonLock(DaemonLock&& other) noexcept;
    DaemonLock& operator=(DaemonLock&&) = delete;
    ~DaemonLock();  // removes run/address, then unlocks

    // Once the listeners are bound: writes run/address whole (rename), so that a reader never sees half of
    // it.
    [[nodiscard]] Result<void> publish(const std::string& host_port) const;

  private:
    DaemonLock(int fd, Home home) : fd_(fd), home_(std::move(home)) {}
    int fd_ = -1;
    Home home_;
};

struct Daemon {
    int pid = 0;
    std::string address;  // HOST:PORT; empty while it is still starting
};
// The daemon that holds the lock now, if any. A stale address file without a lock holder is no daemon.
[[nodiscard]] std::optional<Daemon> running_daemon(const Home& home);

}  // namespace hearth::config
