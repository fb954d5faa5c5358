#pragma once
// Listening sockets. Accepted connections are non-blocking, close-on-exec and without Nagle's delay.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/stream.h"

namespace hearth::net {

struct ListenOptions {
    int backlog = 1024;
    bool dual_stack = false;  // on "::" take IPv4 too (as mapped addresses)
    bool reuse_port = false;  // several loops share one port
};

class Listener : private EventSink {
  public:
    using OnAccept = std::function<void(std::unique_ptr<Stream>)>;

    // `address` may have port 0: local_address() then returns the assigned one. A taken port:
    // Code::conflict, with who may hold it and what to do; a privileged one or a foreign address:
    // Code::config. A Unix path is made with mode 0600; a stale socket file (without a listener) is
    // replaced, a live one is Code::conflict; the file is removed on close.
    [[nodiscard]] static Result<std::unique_ptr<Listener>> open(Loop& loop, const Address& address,
                                                                ListenOptions options = {});
    ~Listener() override;

    // Accepts from the next tick on. When descriptors run out (EMFILE), accepting pauses for 100 ms at a time
    // instead of spinning, and connections wait in the backlog.
    void start(OnAccept on_accept);
    void pause();  // connections wait in the backlog
    void resume();
    void close();  // idempotent
    [[nodiscard]] const Address& local_address() const { return address_; }

  private:
    Listener(Loop& loop, Fd fd, Address address);
    void on_events(std::uint32_t events) override;
    void accept_some();
    Loop& loop_;
    Fd fd_;
    Address address_;
    OnAccept on_accept_;
    bool attached_ = false, paused_ = true;
    bool* destroyed_ = nullptr;  // set while on_accept_ runs: it may destroy the listener
    Deadline retry_;
    Deferred kick_;
};

// "HOST:PORT", "[::1]:0", ":PORT" (loopback), "unix:/path". HOST is a literal, "localhost" (127.0.0.1) or "*"
// (0.0.0.0). Code::config if it is none of these.
[[nodiscard]] Result<Address> parse_listen_address(std::string_view text);

}  // namespace hearth::net
