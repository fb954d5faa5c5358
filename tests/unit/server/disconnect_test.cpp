#include "server_rig.h"

namespace disconnect_test {

using namespace rig;

namespace {

struct Seen {
    bool stopped = false, ended = false;
    std::size_t written = 0;
    Code write_code = Code::internal;
    std::string reason;
};
Seen* seen = nullptr;  // handlers are plain functions; one test at a time
net::Loop*& seen_loop() {
    static net::Loop* loop = nullptr;
    return loop;
}

// Waits for its stop token, as if an upstream did not answer.
Task<void> wait_for_stop(server::Exchange& ex) {
    const auto token = ex.gone();
    if (ex.head().target == "/stream") {
        CHECK(ex.start(200, {}).has_value());
        co_await ex.write("first");
    }
    co_await seen_loop()->sleep(30s, token);
    seen->stopped = token.stopped();
    if (token.stopped()) seen->reason = token.reason().message;
    if (ex.started_response()) {
        auto more = co_await ex.write("x");
        if (!more) seen->write_code = more.error()->code;
    }
    seen->ended = true;
}

Task<void> vanishing(net::Loop& loop, std::string path, bool by_reset) {
    Seen now;
    seen = &now;
    Served s(loop, wait_for_stop);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, get(path));
    co_await loop.sleep(20ms);
    CHECK_FALSE(now.stopped);
    CHECK(s.server.stats().busy == 1);
    if (by_reset) {
        stream->reset();
    } else {
        stream->close();
    }
    for (int i = 0; i < 1000 && !now.ended; ++i) co_await loop.sleep(5ms);
    CHECK(now.stopped);
    CHECK(now.reason == "the client closed the connection");
    if (path == "/stream") CHECK(now.write_code == Code::cancelled);
    co_await s.server.shutdown(1s);
    CHECK(s.server.stats().clients_gone == 1);
    CHECK(s.server.stats().open == 0);
}

// printf 'GET ...' | nc: the sending side closes at once and still expects a response.
Task<void> quick(server::Exchange& ex) {
    (void)ex.gone();
    co_await ex.respond(200, {}, "<quick>");
}
Task<void> half_closed(net::Loop& loop) {
    Served s(loop, quick);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, get("/"));
    stream->shutdown_write();
    const auto answer = co_await read_to_end(*stream);
    CHECK(answer.find("<quick>") != std::string::npos);
    co_await s.server.shutdown(1s);
}

constexpr std::size_t kPiece = 32 * 1024;
Task<void> write_large_stream(server::Exchange& ex) {
    CHECK(ex.start(200, {}).has_value());
    const std::string piece(kPiece, 'x');
    for (int i = 0; i < 4000; ++i) {
        auto written = co_await ex.write(piece);
        if (!written) {
            seen->write_code = written.error()->code;
            co_return;
        }
        seen->written += kPiece;
    }
    co_await ex.finish();
    seen->ended = true;
}

Task<void> not_reading(net::Loop& loop) {
    Seen now;
    seen = &now;
    server::Limits limits;
    limits.write_progress = 2s;
    Served s(loop, write_large_stream, limits);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, get("/"));
    co_await loop.sleep(100ms);
    const auto written_before_stall = now.written;
    CHECK(written_before_stall > 0);
    CHECK(written_before_stall < 20'000'000);  // what the kernel's buffers took, not the 128 MB of the whole
    co_await loop.sleep(50ms);
    CHECK(now.written == written_before_stall);
    std::array<char, 65536> buffer;  // it reads a little, so it is not disconnected
    for (int i = 0; i < 400; ++i) {
        auto n = co_await stream->read_some(buffer);
        REQUIRE(n.has_value());
    }
    co_await loop.sleep(20ms);
    CHECK(now.written > written_before_stall);
    for (int i = 0; i < 1000 && now.write_code == Code::internal; ++i)
        co_await loop.sleep(5ms);  // then it stops reading
    CHECK(now.write_code == Code::cancelled);
    CHECK_FALSE(now.ended);
    co_await s.server.shutdown(1s);
    CHECK(s.server.stats().open == 0);
}

Task<void> slow_reader(net::Loop& loop) {
    Seen now;
    seen = &now;
    Served s(loop, write_large_stream);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, get("/"));
    std::size_t total = 0;
    std::array<char, 200'000> buffer;
    std::string tail;
    while (!tail.ends_with("0\r\n\r\n")) {
        auto n = co_await stream->read_some(buffer);
        REQUIRE(n.has_value());
        REQUIRE(*n > 0);
        total += *n;
        tail = (tail + std::string(buffer.data() + (*n > 8 ? *n - 8 : 0), std::min<std::size_t>(*n, 8)));
        tail = tail.substr(tail.size() > 8 ? tail.size() - 8 : 0);
    }
    CHECK(total > 4000 * kPiece);
    CHECK(now.ended);
    stream->close();
    co_await s.server.shutdown(1s);
}

Task<void> fetch(net::Loop& loop, net::Address address, std::string request, std::string& out, bool& done) {
    out = co_await exchange_raw(loop, address, std::move(request));
    done = true;
}

Task<void> respond_later(server::Exchange& ex) {
    const auto token = ex.gone();
    co_await seen_loop()->sleep(ex.head().target == "/long" ? nanoseconds(30s) : nanoseconds(100ms), token);
    if (token.stopped()) seen->reason = token.reason().message;
    co_await ex.respond(200, {}, "<done>");
}

Task<void> graceful(net::Loop& loop) {
    Seen now;
    seen = &now;
    Served s(loop, respond_later);
    auto idle = co_await dial(loop, s.address);
    std::string shorter, longer;
    bool short_done = false, long_done = false;
    spawn(fetch(loop, s.address, get("/short"), shorter, short_done));
    spawn(fetch(loop, s.address, get("/long"), longer, long_done));
    for (int i = 0; i < 1000 && s.server.stats().busy < 2; ++i) co_await loop.sleep(1ms);
    CHECK(s.server.stats().open == 3);
    CHECK(s.server.stats().busy == 2);
    co_await s.server.shutdown(300ms);
    for (int i = 0; i < 200 && !(short_done && long_done); ++i) co_await loop.sleep(5ms);
    CHECK(shorter.find("<done>") != std::string::npos);  // completed
    CHECK(shorter.find("connection: close") != std::string::npos);
    CHECK(now.reason == "the server is shutting down");  // the token of the long one was stopped
    CHECK(longer.find("<done>") != std::string::npos);
    const auto nothing = co_await read_to_end(*idle);
    CHECK(nothing.empty());
    auto late = co_await dial(loop, s.address);
    CHECK(late == nullptr);  // no listener any more
    CHECK(s.server.stats().open == 0);
}

}  // namespace

TEST_CASE("a client disconnect stops the handler's token") {
    net::Loop loop;
    seen_loop() = &loop;
    for (const char* path : {"/stream", "/silent"}) {
        for (const bool by_reset : {false, true}) {
            CAPTURE(path);
            CAPTURE(by_reset);
            run(loop, vanishing(loop, path, by_reset));
        }
    }
}
TEST_CASE("a client that closes its sending side still gets a fast response") {
    net::Loop loop;
    run(loop, half_closed(loop));
}
TEST_CASE("a client that does not read is bounded in memory and disconnected after write_progress") {
    net::Loop loop;
    run(loop, not_reading(loop));
}
TEST_CASE("a long stream arrives complete") {
    net::Loop loop;
    run(loop, slow_reader(loop));
}
TEST_CASE("shutdown waits for running exchanges, then stops them") {
    net::Loop loop;
    seen_loop() = &loop;
    run(loop, graceful(loop));
}

}  // namespace disconnect_test
