#pragma once
// Runs a coroutine on a loop to its end; helpers for tests over real sockets.
#include <doctest/doctest.h>

#include <string>

#include "net/dns.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/stream.h"

namespace rig {

using namespace hearth;  // NOLINT: tests only
using namespace std::chrono_literals;

inline Task<void> run_and_stop(net::Loop& loop, Task<void> body, bool& done) {
    co_await body;
    done = true;
    loop.stop();
}

// A hang is a failure, not a stuck test run.
inline void run(net::Loop& loop, Task<void> body) {
    bool done = false;
    net::Deadline guard(loop, [&] { loop.stop(); });
    guard.arm_in(300s);  // long: the machine may be busy
    spawn(run_and_stop(loop, std::move(body), done));
    loop.run();
    REQUIRE_MESSAGE(done, "the test did not finish in time");
}

inline std::unique_ptr<net::Listener> listen(net::Loop& loop) {
    auto listener = net::Listener::open(loop, *net::Address::parse("127.0.0.1", 0));
    REQUIRE(listener.has_value());
    return std::move(*listener);
}

inline Task<std::unique_ptr<net::Stream>> dial(net::Loop& loop, net::Address address) {
    auto stream = co_await net::connect_to(loop, std::move(address), 5s, {});
    if (!stream) co_return nullptr;
    co_return std::move(*stream);
}

// Reads until `mark` is among the bytes, or the stream ends or breaks.
inline Task<std::string> read_until(net::Stream& stream, std::string mark) {
    std::string all;
    std::array<char, 4096> buffer;
    while (mark.empty() || all.find(mark) == std::string::npos) {
        auto n = co_await stream.read_some(buffer);
        if (!n || *n == 0) break;
        all.append(buffer.data(), *n);
    }
    co_return all;
}
inline Task<std::string> read_to_end(net::Stream& stream) {
    return read_until(stream, "");
}

inline Task<bool> write(net::Stream& stream, std::string bytes) {
    const std::string_view view = bytes;
    auto sent = co_await stream.write_all(view);
    co_return sent.has_value();
}

inline std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++n;
    return n;
}

}  // namespace rig
