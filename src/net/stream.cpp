#include "net/stream.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "net/socket_util.h"

namespace hearth::net {

Stream::Stream(Loop& loop, Fd fd, Address peer)
    : loop_(loop), fd_(std::move(fd)), peer_(std::move(peer)), later_(loop, [this] { run_later(); }) {}

Stream::~Stream() {
    close();
}

Result<void> Stream::attach() {
    auto added = loop_.add(fd_.get(), *this);
    attached_ = added.has_value();
    return added;
}

void Stream::close() {
    if (!fd_) return;
    if (attached_) loop_.remove(fd_.get(), *this);
    attached_ = false;
    fd_.close();
    gone_ = nullptr;
    cancel(Error{.code = Code::cancelled, .message = "the connection was closed locally"});
}

void Stream::reset() {
    const linger hard{.l_onoff = 1, .l_linger = 0};  // close(2) then sends RST
    if (fd_) ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
}

Fd Stream::release() {
    if (attached_) loop_.remove(fd_.get(), *this);
    attached_ = false;
    gone_ = nullptr;
    return std::move(fd_);
}

void Stream::shutdown_write() {
    if (fd_) ::shutdown(fd_.get(), SHUT_WR);
}

Address Stream::local_address() const {
    return socket_address(fd_.get());
}

void Stream::cancel(Error why) {
    if (cancelled_) return;
    cancelled_ = true;
    error_ = std::move(why);
    if (reader_ != nullptr || writer_ != nullptr) later_.schedule();
}

void Stream::wake_reader() {
    if (reader_ == nullptr) return;
    reader_woken_ = true;
    later_.schedule();
}

void Stream::watch_peer_gone(Callback callback) {
    gone_ = std::move(callback);
    if (gone_ && hangup_) later_.schedule();
}

std::coroutine_handle<> Stream::take_if_done(Waiter*& slot) {
    if (slot == nullptr || !slot->attempt()) return nullptr;
    return std::exchange(slot, nullptr)->handle;
}

// Resuming may destroy this stream, so no member is used after the first resume.
void Stream::on_events(std::uint32_t events) {
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) can_read_ = true;
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) can_write_ = true;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        hangup_ = true;
        if (gone_) later_.schedule();
    }
    if (cancelled_) return;  // run_later() resumes them
    std::coroutine_handle<> first, second;
    if (can_read_) first = take_if_done(reader_);
    if (can_write_) second = take_if_done(writer_);
    if (first) first.resume();
    if (second) second.resume();
}

void Stream::run_later() {
    if (cancelled_) {
        if (gone_ && hangup_) later_.schedule();  // in the next tick: a waiter may destroy this stream
        std::coroutine_handle<> first, second;
        for (auto [slot, handle] : {std::pair(&reader_, &first), std::pair(&writer_, &second)}) {
            if (*slot == nullptr) continue;
            (*slot)->fail();
            *handle = std::exchange(*slot, nullptr)->handle;
        }
        if (first) first.resume();
        if (second) second.resume();
        if (first || second) return;
    }
    if (reader_woken_) {
        if (gone_ && hangup_) later_.schedule();
        const auto handle = take_if_done(reader_);
        reader_woken_ = false;
        if (handle) {
            handle.resume();
            return;
        }
    }
    if (!gone_ || !hangup_) return;
    auto callback = std::move(gone_);
    gone_ = nullptr;
    callback();
}

std::ptrdiff_t Stream::read_failed(int error_number) {
    // Permanent: the kernel reports a reset once, and a plain end of stream afterwards.
    cancel(Error{.code = Code::upstream_broken,
                 .message = fmt::format("reading from {} failed: {}", peer_.to_string(),
                                        std::generic_category().message(error_number))});
    return kFailed;
}

std::ptrdiff_t Stream::write_failed(int error_number) {
    // Not permanent: bytes that the peer sent before closing can still be read.
    error_ = Error{.code = Code::upstream_broken,
                   .message = fmt::format("writing to {} failed: {}", peer_.to_string(),
                                          std::generic_category().message(error_number))};
    return kFailed;
}

bool Stream::WriteWait::attempt() {
    while (!pieces_.empty()) {
        auto n = stream_.try_write(pieces_, offset_);
        if (n == kWouldBlock) return false;
        if (n == kFailed) {
            failed_ = true;
            return true;
        }
        offset_ += static_cast<std::size_t>(n);
        while (!pieces_.empty() && offset_ >= pieces_.front().size()) {
            offset_ -= pieces_.front().size();
            pieces_ = pieces_.subspan(1);
        }
    }
    return true;
}

namespace {

class SocketStream final : public Stream {
  public:
    SocketStream(Loop& loop, Fd fd, Address peer) : Stream(loop, std::move(fd), std::move(peer)) {
        // On TCP a short read means that the buffer is empty (epoll(7)); a Unix socket may also stop at the boundary
        // between senders, so there only EAGAIN does.
        short_reads_drain_ = peer_.family() == Address::Family::ip4 || peer_.family() == Address::Family::ip6;
    }
    using Stream::attach;

    std::ptrdiff_t try_read(std::span<char> into) override {
        if (cancelled_) return kFailed;
        if (!can_read_) return kWouldBlock;
        while (true) {
            const auto n = ::recv(fd_.get(), into.data(), into.size(), 0);
            if (n >= 0) {
                if (short_reads_drain_ && n > 0 && static_cast<std::size_t>(n) < into.size() && !hangup_)
                    can_read_ = false;
                return n;
            }
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return read_failed(errno);
            can_read_ = false;
            return kWouldBlock;
        }
    }

    std::ptrdiff_t try_write(std::span<const std::string_view> pieces, std::size_t skip) override {
        if (cancelled_) return kFailed;
        if (!can_write_) return kWouldBlock;
        std::array<iovec, 64> vectors;
        std::size_t count = 0, total = 0;
        for (auto piece : pieces) {
            if (count == vectors.size()) break;
            piece.remove_prefix(std::exchange(skip, 0));
            if (piece.empty()) continue;
            vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
            total += piece.size();
        }
        if (count == 0) return 0;
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = count;
        while (true) {
            const auto n = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
            if (n >= 0) {
                if (static_cast<std::size_t>(n) < total) can_write_ = false;  // its buffer is full
                return n;
            }
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return write_failed(errno);
            can_write_ = false;
            return kWouldBlock;
        }
    }

  private:
    bool short_reads_drain_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_stream(Loop& loop, Fd fd, Address peer) {
    if (peer.family() != Address::Family::local) {
        const int one = 1;
        ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    auto stream = std::make_unique<SocketStream>(loop, std::move(fd), std::move(peer));
    if (auto attached = stream->attach(); !attached) return fail(std::move(attached.error()));
    return stream;
}

Result<std::pair<std::unique_ptr<Stream>, Fd>> make_pair_with_child(Loop& loop) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
        return fail(Code::overloaded, "cannot make a socket pair: " + std::generic_category().message(errno));
    }
    Fd ours(ends[0]), theirs(ends[1]);
    set_blocking(theirs.get());
    auto stream = make_stream(loop, std::move(ours), Address::local({}));
    if (!stream) return fail(std::move(stream.error()));
    return std::pair(std::move(*stream), std::move(theirs));
}

}  // namespace hearth::net
