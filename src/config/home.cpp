#include "config/home.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace hearth::config {

namespace {

// Reads a small file whole; empty when it cannot.
std::string read_small(const std::filesystem::path& path) {
    std::array<char, 512> buffer{};
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const auto size = ::read(fd, buffer.data(), buffer.size());
    (void)::close(fd);
    std::string text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

int pid_in(const std::string& text) {
    int pid = 0;
    std::from_chars(text.data(), text.data() + text.size(), pid);
    return pid;
}

bool write_all(int fd, std::string_view text) {
    return ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

Result<Home> Home::find(const Environment& env) {
    const auto set = env.get("HEARTH_HOME");
    const auto user = env.get("HOME");
    if (!set && !user) {
        return fail(
            Code::config,
            "Neither HEARTH_HOME nor HOME is set: there is no folder to keep anything in. Set HEARTH_HOME.");
    }
    const auto root = set ? std::filesystem::path(*set) : std::filesystem::path(*user) / ".hearth";
    if (!root.is_absolute()) {
        return fail(Code::config, fmt::format("{} must be an absolute path, but is \"{}\".",
                                              set ? "HEARTH_HOME" : "HOME", root.string()));
    }
    return Home{root.lexically_normal()};
}

Result<void> Home::create() const {
    for (const auto& folder : {root, run()}) {
        std::error_code error;
        const bool made = std::filesystem::create_directories(folder, error);
        if (!error && made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
        if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0)
            error.assign(errno, std::generic_category());
        if (error) {
            return fail(
                Code::storage,
                fmt::format("Hearth keeps its files in {}, which cannot be used: {}. Give it a folder of "
                            "yours with HEARTH_HOME.",
                            folder.string(), error.message()));
        }
    }
    return {};
}

Result<DaemonLock> DaemonLock::acquire(const Home& home) {
    const auto path = home.lock();
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(Code::storage,
                    fmt::format("{} cannot be opened: {}.", path.string(), std::strerror(errno)));
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const auto holder = read_small(path);
        (void)::close(fd);
        return fail(
            Code::conflict,
            fmt::format("A Hearth is already running for {} (process {}). `hearth stop` ends it; another "
                        "HEARTH_HOME makes room for a second one.",
                        home.root.string(), holder.empty() ? "unknown" : holder));
    }
    (void)::unlink(home.address().c_str());  // left by one that was killed
    if (::ftruncate(fd, 0) != 0 || !write_all(fd, fmt::format("{}\n", ::getpid()))) {
        const int why = errno;
        (void)::close(fd);
        return fail(Code::storage,
                    fmt::format("{} cannot be written: {}.", path.string(), std::strerror(why)));
    }
    return DaemonLock(fd, home);
}

DaemonLock::DaemonLock(DaemonLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), home_(std::move(other.home_)) {}

DaemonLock::~DaemonLock() {
    if (fd_ < 0) return;
    (void)::unlink(home_.address().c_str());
    (void)::close(fd_);  // the lock file stays: removing it would let two daemons lock two files of one name
}

Result<void> DaemonLock::publish(const std::string& host_port) const {
    const auto path = home_.address();
    const auto fresh = path.string() + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, host_port + "\n");
    const int why = errno;
    if (fd >= 0) (void)::close(fd);
    good = good && ::rename(fresh.c_str(), path.c_str()) == 0;
    if (!good)
        return fail(Code::storage,
                    fmt::format("{} cannot be written: {}.", path.string(), std::strerror(why)));
    return {};
}

std::optional<Daemon> running_daemon(const Home& home) {
    const int fd = ::open(home.lock().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    // A shared lock is refused exactly while a daemon holds the exclusive one.
    const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    (void)::close(fd);
    if (!held) return std::nullopt;
    return Daemon{.pid = pid_in(read_small(home.lock())), .address = read_small(home.address())};
}

}  // namespace hearth::config
