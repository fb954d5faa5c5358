#include "net/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <system_error>

namespace hearth::net {

namespace {

// The spawn attributes and file actions, freed on every path.
struct Plan {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    std::vector<Fd> moved;  // copies above the targets, so that no dup2 overwrites a source of a later one

    Plan() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~Plan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    bool place(int source, int target) {
        Fd copy(::fcntl(source, F_DUPFD_CLOEXEC, 200));
        if (!copy) return false;
        ::posix_spawn_file_actions_adddup2(&actions, copy.get(), target);
        moved.push_back(std::move(copy));
        return true;
    }
};

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> list;
    for (auto& s : strings) list.push_back(s.data());
    list.push_back(nullptr);
    return list;
}

}  // namespace

std::string ExitStatus::to_string() const {
    if (signal != 0) return fmt::format("signal {} ({})", signal, ::strsignal(signal));
    return fmt::format("exit code {}", code);
}

Result<std::unique_ptr<Process>> Process::spawn(Loop& loop, const SpawnOptions& options) {
    Plan plan;
    bool placed = true;
    if (options.stdin_fd < 0) {
        ::posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
    } else {
        placed = plan.place(options.stdin_fd, 0);
    }
    if (options.stdout_fd >= 0) placed = placed && plan.place(options.stdout_fd, 1);
    if (options.stderr_fd >= 0) placed = placed && plan.place(options.stderr_fd, 2);
    int target = 3;
    for (const int fd : options.inherit) placed = placed && plan.place(fd, target++);
    if (!placed) return fail(Code::overloaded, "cannot start a process: out of file descriptors");
    ::posix_spawn_file_actions_addclosefrom_np(&plan.actions, target);

    std::vector<std::string> args{options.program};
    args.insert(args.end(), options.args.begin(), options.args.end());
    std::vector<std::string> env = options.env;
    const auto argv = pointers(args);
    const auto envp = pointers(env);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, options.program.c_str(), &plan.actions, &plan.attributes,
                                    argv.data(), envp.data());
    if (error != 0) {
        return fail(
            error == ENOENT || error == EACCES ? Code::config : Code::internal,
            fmt::format("cannot start {}: {}", options.program, std::generic_category().message(error)));
    }
    // A child that is not reaped keeps its number, so this cannot name another process.
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    std::unique_ptr<Process> process(new Process(loop, pid, std::move(pidfd)));
    if (!process->pidfd_ || !loop.add(process->pidfd_.get(), *process)) {
        return fail(Code::internal,
                    fmt::format("cannot watch {}: pidfd_open failed (Linux 5.3 or newer is needed)",
                                options.program));
    }
    return process;
}

Process::Process(Loop& loop, int pid, Fd pidfd) : loop_(loop), pid_(pid), pidfd_(std::move(pidfd)) {}

Process::~Process() {
    if (exited_) return;
    ::kill(pid_, SIGKILL);
    on_exit_ = nullptr;
    reap(true);
}

void Process::kill(int signo) {
    if (!exited_) ::kill(pid_, signo);
}

void Process::on_exit(std::move_only_function<void(ExitStatus)> callback) {
    if (exited_) {
        callback(status_);
        return;
    }
    on_exit_ = std::move(callback);
}

Task<ExitStatus> Process::wait() {
    co_return co_await done_;
}

void Process::on_events(std::uint32_t events) {
    if ((events & EPOLLIN) != 0) reap(false);
}

void Process::reap(bool block) {
    int raw = 0;
    pid_t got = 0;
    do {
        got = ::waitpid(pid_, &raw, block ? 0 : WNOHANG);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return;
    exited_ = true;
    if (got == pid_ && WIFSIGNALED(raw)) {
        status_.signal = WTERMSIG(raw);
    } else if (got == pid_) {
        status_.code = WEXITSTATUS(raw);
    }
    if (pidfd_) loop_.remove(pidfd_.get(), *this);
    pidfd_.close();
    auto callback = std::move(on_exit_);
    const auto status = status_;
    done_.set(status);
    if (callback) callback(status);  // may destroy this object
}

}  // namespace hearth::net
