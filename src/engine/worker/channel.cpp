#include "engine/worker/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "engine/protocol/codec.h"

namespace hearth::engine {

namespace {
constexpr std::size_t kBacklog = 16 * 1024 * 1024;
constexpr std::size_t kRead = 256 * 1024;

Error closed() {
    Error error;
    error.code = Code::cancelled;
    error.message = "The gateway closed its end of the engine's socket.";
    return error;
}
}  // namespace

Channel::Channel(int fd) : fd_(fd), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

Channel::~Channel() {
    close(wake_fd_);
}

bool Channel::send(const ToGateway& message) {
    const auto frame = encode_frame(encode(message));
    if (!frame) return true;  // too large to send; only an oversized request could cause it
    std::unique_lock lock(mutex_);
    const bool waits =
        std::this_thread::get_id() != reader_thread_.load();  // only the reading thread makes room
    drained_.wait(lock,
                  [&] { return gone_ || stop_waiting_ || !waits || backlog_.size() - written_ < kBacklog; });
    if (gone_) return false;
    const bool idle = backlog_.empty();
    backlog_ += *frame;
    if (!write_some()) return false;
    if (idle && !backlog_.empty()) wake();  // the reading thread must poll for writability
    return true;
}

bool Channel::write_some() {
    while (written_ < backlog_.size()) {
        const auto wrote = write(fd_, backlog_.data() + written_, backlog_.size() - written_);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN) return true;
        if (wrote <= 0) {
            gone_ = true;
            drained_.notify_all();
            return false;
        }
        written_ += static_cast<std::size_t>(wrote);
    }
    backlog_.clear();
    written_ = 0;
    drained_.notify_all();
    return true;
}

Result<std::optional<std::string>> Channel::receive(int timeout_ms) {
    reader_thread_ = std::this_thread::get_id();
    auto ready = reader_.next();
    if (!ready || *ready) return ready;
    short events = POLLIN;
    {
        const std::lock_guard lock(mutex_);
        if (!backlog_.empty()) events |= POLLOUT;
    }
    pollfd fds[] = {{fd_, events, 0}, {wake_fd_, POLLIN, 0}};
    if (poll(fds, 2, timeout_ms) < 0) return std::nullopt;
    if (fds[1].revents != 0) {
        std::uint64_t count = 0;
        (void)!read(wake_fd_, &count, sizeof(count));
    }
    if ((fds[0].revents & POLLOUT) != 0) {
        const std::lock_guard lock(mutex_);
        write_some();
        if (backlog_.size() - written_ < kBacklog) drained_.notify_all();
    }
    if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) return std::nullopt;
    std::string bytes(kRead, '\0');
    const auto got = read(fd_, bytes.data(), bytes.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (got <= 0) {
        const std::lock_guard lock(mutex_);
        gone_ = true;
        drained_.notify_all();
        return fail(closed());
    }
    reader_.feed(std::string_view(bytes).substr(0, static_cast<std::size_t>(got)));
    return reader_.next();
}

void Channel::stop_waiting() {
    const std::lock_guard lock(mutex_);
    stop_waiting_ = true;
    drained_.notify_all();
}

void Channel::wake() {
    const std::uint64_t one = 1;
    (void)!write(wake_fd_, &one, sizeof(one));
}

void Channel::flush(int timeout_ms) {
    const std::lock_guard lock(mutex_);
    while (!gone_ && !backlog_.empty()) {
        pollfd out{fd_, POLLOUT, 0};
        if (poll(&out, 1, timeout_ms) <= 0) return;
        write_some();
    }
}

bool Channel::peer_gone() const {
    pollfd state{fd_, 0, 0};
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

}  // namespace hearth::engine
