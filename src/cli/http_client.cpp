#include "cli/http_client.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "http/response_decoder.h"
#include "text/json.h"
#include "text/url.h"
#include "text/utf8.h"

namespace hearth::cli {

namespace {

using std::chrono::milliseconds;

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() {
        if (fd_ >= 0) (void)::close(fd_);
    }
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

Result<Socket> connect_to(const std::string& address) {
    const auto authority = text::parse_authority(address);
    if (!authority || !authority->port) {
        return fail(Code::upstream_connect,
                    fmt::format("\"{}\" is not a valid address of Hearth.", text::printable(address)));
    }
    auto host = authority->host;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(*authority->port).c_str(), &hints, &found) != 0 ||
        !found) {
        return fail(Code::upstream_connect, fmt::format("{} has no address.", host));
    }
    int why = 0;
    for (const auto* one = found; one; one = one->ai_next) {
        Socket socket(::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol));
        if (socket.fd() >= 0 && ::connect(socket.fd(), one->ai_addr, one->ai_addrlen) == 0) {
            const int on = 1;
            (void)::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ::freeaddrinfo(found);
            return socket;
        }
        why = errno;
    }
    ::freeaddrinfo(found);
    return fail(Code::upstream_connect,
                fmt::format("Cannot connect to {}: {}.", address, std::strerror(why)));
}

Result<void> write_all(const Socket& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return fail(Code::upstream_broken,
                        fmt::format("Sending the request failed: {}.", std::strerror(errno)));
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

// Waits for bytes, for Ctrl-C, or for the inactivity timeout.
Result<void> wait_readable(const Socket& socket, const HttpClient::Request& request) {
    constexpr milliseconds kSlice{200};
    for (milliseconds waited{0}; waited < request.silence; waited += kSlice) {
        if (request.cancelled && request.cancelled()) return fail(Code::cancelled, "Cancelled.");
        pollfd ready{.fd = socket.fd(), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, static_cast<int>(kSlice.count())) > 0) return {};
    }
    return fail(Code::upstream_timeout,
                fmt::format("Hearth sent nothing for {} s.", request.silence.count() / 1000));
}

}  // namespace

Result<Reply> HttpClient::send(const Request& request) const {
    const auto socket = connect_to(address_);
    if (!socket) return fail(socket.error());
    auto bytes = fmt::format(
        "{} {} HTTP/1.1\r\nhost: {}\r\nuser-agent: hearth-cli\r\naccept: */*\r\nconnection: close\r\n",
        request.method, request.target, address_);
    if (!key_.empty()) bytes += fmt::format("authorization: Bearer {}\r\n", key_.reveal());
    if (!request.body.empty()) bytes += "content-type: application/json\r\n";
    if (request.method != "GET") bytes += fmt::format("content-length: {}\r\n", request.body.size());
    bytes += "\r\n" + request.body;
    if (auto written = write_all(*socket, bytes); !written) return fail(written.error());

    http::ResponseDecoder decoder({.body_bytes = SIZE_MAX});
    decoder.start();
    Reply reply;
    std::array<char, 32 * 1024> buffer{};
    while (!decoder.ended()) {
        if (auto ready = wait_readable(*socket, request); !ready) return fail(ready.error());
        const auto n = ::recv(socket->fd(), buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            if (auto end = decoder.eof(); !end) return fail(end.error());
            break;
        }
        std::string_view input(buffer.data(), static_cast<std::size_t>(n));
        while (true) {
            const auto progress = decoder.feed(input);
            if (!progress) return fail(progress.error());
            input.remove_prefix(progress->consumed);
            if (progress->event == http::Event::body) {
                if (request.on_body && decoder.head().status < 300) {
                    request.on_body(progress->body);
                } else if (reply.body.size() + progress->body.size() <= limits::kReplyBytes) {
                    reply.body += progress->body;
                }
            }
            if (progress->event == http::Event::need_more || progress->event == http::Event::end) break;
        }
    }
    reply.head = decoder.head();
    return reply;
}

Error error_of(const Reply& reply) {
    Error error;
    error.code = Code::upstream_failed;
    error.http_status = reply.head.status;
    text::json::Document document;
    if (document.parse(reply.body)) {
        const auto inner = document.root()["error"];
        error.message = text::printable(inner["message"].as_string(), 2000);
        if (inner.is_string()) error.message = text::printable(inner.as_string(), 2000);
    }
    if (error.message.empty())
        error.message = fmt::format("Hearth answered with status {}.", reply.head.status);
    return error;
}

}  // namespace hearth::cli
