#pragma once
// Child processes: started without a shell, with exactly the descriptors that are named, watched through a
// pidfd.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "net/fd.h"
#include "net/loop.h"

namespace hearth::net {

struct SpawnOptions {
    std::string program;            // path; not searched for
    std::vector<std::string> args;  // argv[1..]; argv[0] is the program
    std::vector<std::string> env;   // "NAME=value", the whole environment of the child
    std::vector<int>
        inherit;  // the child sees them as descriptors 3, 4, 5 ... in this order; all else is closed
    int stdin_fd = -1, stdout_fd = -1,
        stderr_fd = -1;  // -1: /dev/null for stdin, inherited for the other two
};

struct ExitStatus {
    int code = 0;    // exit code, when signal is 0
    int signal = 0;  // the signal that killed it
    bool operator==(const ExitStatus&) const = default;
    [[nodiscard]] bool clean() const { return code == 0 && signal == 0; }
    [[nodiscard]] std::string to_string() const;  // "exit code 3", "signal 9 (Killed)"
};

class Process : private EventSink {
  public:
    // The child starts with default signal handling and an empty signal mask. Code::internal or Code::config
    // (no such program) with the reason.
    [[nodiscard]] static Result<std::unique_ptr<Process>> spawn(Loop& loop, const SpawnOptions& options);
    ~Process() override;  // a child that still runs is killed (SIGKILL) and reaped; there must be no waiter

    [[nodiscard]] int pid() const { return pid_; }
    [[nodiscard]] bool running() const { return !exited_; }
    void kill(int signo);  // nothing if it has exited
    // Called once on the loop when the child has exited and is reaped; the callback may destroy the Process.
    void on_exit(std::move_only_function<void(ExitStatus)> callback);
    Task<ExitStatus> wait();  // one waiter

  private:
    Process(Loop& loop, int pid, Fd pidfd);
    void on_events(std::uint32_t events) override;
    void reap(bool block);
    Loop& loop_;
    int pid_;
    Fd pidfd_;
    bool exited_ = false;
    ExitStatus status_;
    Promised<ExitStatus> done_;
    std::move_only_function<void(ExitStatus)> on_exit_;
};

}  // namespace hearth::net
