#pragma once
// A client with permits for tests, and scripted upstreams.
#include "client/client.h"
#include "unit/net/rig.h"

namespace hearth::privacy {
class PermitForTest {
  public:
    static Permit make(const client::Remote& to, Place place) {
        return {to.scheme, to.host, to.port, place, "test"};
    }
    static Cleared clear(const client::Remote& to, Place place, std::span<const std::string_view> body = {}) {
        return {make(to, place), body};
    }
};
}  // namespace hearth::privacy

namespace rig {

inline client::Remote to(const net::Address& address, std::string host = "127.0.0.1") {
    return {.scheme = "http", .host = std::move(host), .port = address.port()};
}

// What an upstream received and what it sends: one script per accepted connection, the last one repeated for further ones.
struct Upstream {
    // "" as mark: does not read. Steps in order: read until mark, then send; close at the end unless `hold`.
    struct Step {
        std::string until, send;
        nanoseconds before_send{0};
    };
    struct Script {
        std::vector<Step> steps;
        enum class End { close, reset, hold } end = End::close;
    };

    Upstream(net::Loop& l, std::vector<Script> s) : loop(l), scripts(std::move(s)), listener(listen(l)) {
        address = listener->local_address();
        listener->start([this](std::unique_ptr<net::Stream> stream) {
            const auto& script = scripts[std::min(accepted++, scripts.size() - 1)];
            spawn(play(*this, std::move(stream), script));
        });
    }
    static Task<void> play(Upstream& self, std::unique_ptr<net::Stream> stream, const Script& script) {
        ++self.open;
        for (const auto& step : script.steps) {
            if (!step.until.empty()) {
                const auto got = co_await read_until(*stream, step.until);
                self.seen += got;
                if (got.find(step.until) == std::string::npos) break;
            }
            if (step.before_send.count() > 0) co_await self.loop.sleep(step.before_send);
            co_await write(*stream, step.send);
            ++self.sent;
        }
        if (script.end == Script::End::hold) self.seen += co_await read_to_end(*stream);
        if (script.end == Script::End::reset) stream->reset();
        --self.open;
    }
    // All connections must have ended before the upstream is destroyed.
    Task<void> closed() {
        listener->close();
        for (int i = 0; i < 2000 && open > 0; ++i) co_await loop.sleep(1ms);
        CHECK(open == 0);
    }

    net::Loop& loop;
    std::vector<Script> scripts;
    std::unique_ptr<net::Listener> listener;
    net::Address address;
    std::size_t accepted = 0;
    int open = 0, sent = 0;  // connections; steps done
    std::string seen;
};

using End = Upstream::Script::End;

inline std::string ok(std::string_view body, std::string_view more = "") {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) +
           "\r\n" + std::string(body);
}

struct Outcome {
    int status = 0;
    std::string body;
    std::string error;  // "code_name: message" of send() or read()
    bool reused = false;
};

inline std::string describe(const Error& e) {
    return std::string(code_name(e.code)) + ": " + e.message;
}

inline Task<Outcome> fetch(client::Client& client, client::Remote where,
                           client::Request request = {.method = "GET", .target = "/"},
                           client::Timeouts timeouts = {}, StopToken stop = {}, Place place = Place::loopback,
                           std::span<const std::string_view> body = {}) {
    Outcome out;
    const auto cleared = privacy::PermitForTest::clear(where, place, body);
    auto response = co_await client.send(cleared, where, std::move(request), timeouts, stop);
    if (!response) {
        out.error = describe(response.error());
        co_return out;
    }
    out.status = (*response)->status();
    out.reused = (*response)->reused();
    while (true) {
        auto bytes = co_await (*response)->read();
        if (!bytes) {
            out.error = describe(bytes.error());
            break;
        }
        if (bytes->empty()) break;
        out.body += *bytes;
    }
    co_return out;
}

}  // namespace rig
