#include "net/listener.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "net/socket_util.h"

namespace hearth::net {

namespace {

constexpr int kAcceptsPerTick = 64;  // then open connections get their turn
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

Failed bind_failure(const Address& address, int error_number) {
    const auto where = address.to_string();
    if (error_number == EADDRINUSE) {
        return fail(
            Code::conflict,
            fmt::format(
                "{} is in use: another program, perhaps another Hearth, is listening there. Stop it, or "
                "choose another address with --listen HOST:PORT.",
                where));
    }
    if (error_number == EACCES) {
        return fail(Code::config,
                    fmt::format("{} may not be used by this user; ports below 1024 need a privilege. "
                                "Choose a higher port with --listen HOST:PORT.",
                                where));
    }
    return fail(Code::config,
                fmt::format("cannot listen on {}: {}", where, std::generic_category().message(error_number)));
}

// A socket file without a listener is left over from a killed process.
void remove_stale_socket(const Address& address) {
    struct stat info{};
    if (::lstat(address.path().c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
    sockaddr_storage storage{};
    const auto len = address.to_sockaddr(&storage);
    const Fd probe = open_socket(address);
    if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&storage), len) != 0 && errno == ECONNREFUSED) {
        ::unlink(address.path().c_str());
    }
}

void set_option(int fd, int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address, ListenOptions options) {
    sockaddr_storage storage{};
    const auto len = address.to_sockaddr(&storage);
    if (len == 0)
        return fail(Code::config,
                    fmt::format("cannot listen on {}: not a usable address", address.to_string()));
    Fd fd = open_socket(address);
    if (!fd) return bind_failure(address, errno);
    const bool local = address.family() == Address::Family::local;
    if (local) {
        remove_stale_socket(address);
    } else {
        set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
        if (options.reuse_port) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
        if (address.family() == Address::Family::ip6) {
            set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.dual_stack ? 0 : 1);
        }
    }
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), len) != 0)
        return bind_failure(address, errno);
    if (local) ::chmod(address.path().c_str(), S_IRUSR | S_IWUSR);
    if (::listen(fd.get(), options.backlog) != 0) return bind_failure(address, errno);
    Address bound = local ? address : socket_address(fd.get());
    return std::unique_ptr<Listener>(new Listener(loop, std::move(fd), std::move(bound)));
}

Listener::Listener(Loop& loop, Fd fd, Address address)
    : loop_(loop),
      fd_(std::move(fd)),
      address_(std::move(address)),
      retry_(loop, [this] { accept_some(); }),
      kick_(loop, [this] { accept_some(); }) {}

Listener::~Listener() {
    if (destroyed_ != nullptr) *destroyed_ = true;
    close();
}

void Listener::start(OnAccept on_accept) {
    on_accept_ = std::move(on_accept);
    attached_ = loop_.add(fd_.get(), *this).has_value();
    resume();
}

void Listener::pause() {
    paused_ = true;
}

void Listener::resume() {
    paused_ = false;
    kick_.schedule();
}

void Listener::close() {
    if (!fd_) return;
    paused_ = true;
    kick_.cancel();
    retry_.disarm();
    if (std::exchange(attached_, false)) loop_.remove(fd_.get(), *this);
    fd_.close();
    if (address_.family() == Address::Family::local) ::unlink(address_.path().c_str());
}

void Listener::on_events(std::uint32_t) {
    accept_some();
}

void Listener::accept_some() {
    for (int i = 0; i < kAcceptsPerTick; ++i) {
        if (paused_ || !fd_) return;
        sockaddr_storage storage{};
        socklen_t len = sizeof storage;
        auto* sa = reinterpret_cast<sockaddr*>(&storage);
        Fd fd(::accept4(fd_.get(), sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                retry_.arm_in(
                    kAcceptPause);  // edge-triggered: there is no second event for the waiting connections
                return;
            }
            if (errno == EAGAIN) return;
            continue;  // the peer already disconnected (ECONNABORTED and the network errors of accept(2))
        }
        const bool local = address_.family() == Address::Family::local;
        auto stream = make_stream(loop_, std::move(fd), local ? address_ : Address::from(sa, len));
        if (!stream) continue;
        bool destroyed = false;
        destroyed_ = &destroyed;
        on_accept_(std::move(*stream));
        if (destroyed) return;
        destroyed_ = nullptr;
    }
    kick_.schedule();  // there may be more
}

Result<Address> parse_listen_address(std::string_view text) {
    const auto bad = [&] {
        return fail(Code::config,
                    fmt::format("\"{}\" is not an address to listen on: expected HOST:PORT such as "
                                "127.0.0.1:4327, [::1]:4327, *:4327 or unix:/path",
                                text.substr(0, 128)));
    };
    if (text.starts_with("unix:")) {
        const auto path = text.substr(5);
        if (path.empty() || path.size() > 107) return bad();
        return Address::local(std::string(path));
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad();
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size()) return bad();
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    if (host.empty() || host == "localhost") host = "127.0.0.1";
    if (host == "*") host = "0.0.0.0";
    auto address = Address::parse(host, port);
    if (!address || brackets != (address->family() == Address::Family::ip6)) return bad();
    return address;
}

}  // namespace hearth::net
