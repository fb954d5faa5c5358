// Opening connections: one address, and several in order.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "net/dns.h"
#include "net/socket_util.h"
#include "net/stream.h"

namespace hearth::net {

Fd open_socket(const Address& address) {
    int domain = AF_INET;
    if (address.family() == Address::Family::ip6) domain = AF_INET6;
    if (address.family() == Address::Family::local) domain = AF_UNIX;
    return Fd(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

Address socket_address(int fd) {
    sockaddr_storage storage{};
    socklen_t len = sizeof storage;
    auto* sa = reinterpret_cast<sockaddr*>(&storage);
    return ::getsockname(fd, sa, &len) == 0 ? Address::from(sa, len) : Address{};
}

Address peer_address(int fd) {
    sockaddr_storage storage{};
    socklen_t len = sizeof storage;
    auto* sa = reinterpret_cast<sockaddr*>(&storage);
    return ::getpeername(fd, sa, &len) == 0 ? Address::from(sa, len) : Address{};
}

void set_blocking(int fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

namespace {

// Waits for the first writability event of a connecting socket.
class Connecting final : public EventSink {
  public:
    Connecting(Loop& loop, nanoseconds timeout, const Address& address, const StopToken& stop)
        : deadline_(
              loop,
              [this, &address] {
                  finish(Error{.code = Code::upstream_timeout,
                               .message = fmt::format("no connection to {} in time", address.to_string())});
              }),
          on_stop_(stop, [this, &stop] { finish(stop.reason()); }) {
        deadline_.arm_in(timeout);
    }
    void on_events(std::uint32_t events) override {
        if ((events & (EPOLLOUT | EPOLLERR)) != 0) finish({});
    }
    Promised<std::optional<Error>>& done() { return done_; }

  private:
    void finish(std::optional<Error> error) { done_.set(std::move(error)); }
    Promised<std::optional<Error>> done_;
    Deadline deadline_;
    StopCallback on_stop_;
};

Failed refused(const Address& address, int error_number) {
    return fail(Code::upstream_connect, fmt::format("cannot connect to {}: {}", address.to_string(),
                                                    std::generic_category().message(error_number)));
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect_to(Loop& loop, Address address, nanoseconds timeout,
                                                 StopToken stop) {
    if (stop.stopped()) co_return fail(stop.reason());
    sockaddr_storage storage{};
    const auto len = address.to_sockaddr(&storage);
    if (len == 0)
        co_return fail(Code::upstream_connect,
                       "cannot connect to " + address.to_string() + ": not a usable address");
    Fd fd = open_socket(address);
    if (!fd) co_return refused(address, errno);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), len) != 0) {
        if (errno != EINPROGRESS) co_return refused(address, errno);
        Connecting connecting(loop, timeout, address, stop);
        if (auto added = loop.add(fd.get(), connecting); !added) co_return fail(std::move(added.error()));
        auto failed = co_await connecting.done();
        loop.remove(fd.get(), connecting);
        if (failed) co_return fail(std::move(*failed));
        int error_number = 0;
        socklen_t size = sizeof error_number;
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error_number, &size);
        if (error_number != 0) co_return refused(address, error_number);
    }
    // The address reported by the kernel, not the requested one: 0.0.0.0, for example, becomes 127.0.0.1.
    Address peer = address.family() == Address::Family::local ? address : peer_address(fd.get());
    co_return make_stream(loop, std::move(fd), std::move(peer));
}

Task<Result<std::unique_ptr<Stream>>> connect_any(Loop& loop, std::vector<Address> addresses,
                                                  nanoseconds per_attempt, nanoseconds timeout,
                                                  StopToken stop) {
    constexpr std::size_t kAttempts = 4;
    const Mono end = loop.now() + timeout;
    Result<std::unique_ptr<Stream>> last = fail(Code::upstream_connect, "no address to connect to");
    for (std::size_t i = 0; i < std::min(addresses.size(), kAttempts); ++i) {
        const auto left = end - loop.now();
        if (left <= nanoseconds::zero() && i > 0) break;
        const bool only = i + 1 == std::min(addresses.size(), kAttempts);
        last = co_await connect_to(loop, addresses[i], only ? left : std::min<nanoseconds>(per_attempt, left),
                                   stop);
        if (last || stop.stopped()) break;
    }
    co_return last;
}

}  // namespace hearth::net
