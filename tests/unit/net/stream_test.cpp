#include <cstring>

#include "rig.h"

namespace stream_test {

using namespace rig;

namespace {

// Two connected streams over TCP on loopback, or over a Unix socket.
struct Pair {
    std::unique_ptr<net::Listener> listener;
    std::unique_ptr<net::Stream> here, there;
};

Task<Pair> connect_pair(net::Loop& loop, net::Address where) {
    Pair pair;
    auto listener = net::Listener::open(loop, where);
    CHECK(listener.has_value());
    pair.listener = std::move(*listener);
    Promised<std::unique_ptr<net::Stream>> accepted;
    pair.listener->start([&accepted](std::unique_ptr<net::Stream> s) { accepted.set(std::move(s)); });
    pair.here = co_await dial(loop, pair.listener->local_address());
    pair.there = co_await accepted;
    co_return pair;
}
net::Address tcp() {
    return *net::Address::parse("127.0.0.1", 0);
}

Task<void> echo(net::Loop& loop, net::Address where) {
    auto pair = co_await connect_pair(loop, std::move(where));
    const std::array<std::string_view, 4> pieces{"gather", "", "ed ", "bytes."};
    auto sent = co_await pair.here->write_all(pieces);
    CHECK(sent.has_value());
    const auto got = co_await read_until(*pair.there, ".");
    CHECK(got == "gathered bytes.");
    pair.here->shutdown_write();
    const auto rest = co_await read_to_end(*pair.there);
    CHECK(rest.empty());
    const bool back = co_await write(*pair.there, "still open this way");  // half-closed
    CHECK(back);
    pair.there->close();
    const auto last = co_await read_to_end(*pair.here);
    CHECK(last == "still open this way");
}

Task<void> send_much(net::Stream& stream, std::size_t bytes, bool& ok) {
    const std::string half(bytes / 2, 'x');
    const std::array<std::string_view, 3> pieces{half, "|", half};
    auto sent = co_await stream.write_all(pieces);
    ok = sent.has_value();
    stream.shutdown_write();
}

Task<void> big_transfer(net::Loop& loop) {
    auto pair = co_await connect_pair(loop, tcp());
    constexpr std::size_t kBytes = 20'000'000;  // far more than any socket buffer
    bool sent = false;
    spawn(send_much(*pair.here, kBytes, sent));
    CHECK_FALSE(sent);  // it waits: there is no reader
    co_await loop.sleep(5ms);
    const auto all = co_await read_to_end(*pair.there);
    CHECK(sent);
    CHECK(all.size() == kBytes + 1);
    CHECK(all.find('|') == kBytes / 2);
}

Task<void> reader(net::Stream& stream, Result<std::size_t>& out, bool& done) {
    char byte = 0;
    out = co_await stream.read_some({&byte, 1});
    done = true;
}

Task<void> cancelling(net::Loop& loop) {
    auto pair = co_await connect_pair(loop, tcp());
    Result<std::size_t> got = 0;
    bool done = false;
    spawn(reader(*pair.here, got, done));
    StopSource source;
    const net::CancelOnStop on_stop(*pair.here, source.token());
    source.stop(Error{.code = Code::cancelled, .message = "enough"});
    CHECK_FALSE(done);  // not from within stop()
    co_await loop.sleep(1ms);
    CHECK(done);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error()->message == "enough");
    auto later = co_await pair.here->write_all("x");
    CHECK_FALSE(later.has_value());
}

Task<void> gone(net::Loop& loop, bool by_reset) {
    auto pair = co_await connect_pair(loop, tcp());
    int closes = 0;
    pair.there->watch_peer_gone([&closes] { ++closes; });
    const bool sent = co_await write(*pair.here, "pipelined");
    CHECK(sent);
    co_await loop.sleep(10ms);
    CHECK(closes == 0);  // data is not a close
    if (by_reset) {
        pair.here->reset();
    } else {
        pair.here->close();
    }
    co_await loop.sleep(20ms);
    CHECK(closes == 1);
    CHECK(pair.there->peer_gone());
    bool late = false;
    pair.there->watch_peer_gone([&late] { late = true; });
    CHECK_FALSE(late);
    co_await loop.sleep(1ms);
    CHECK(late);
}

Task<void> reset_is_not_eof(net::Loop& loop) {
    auto pair = co_await connect_pair(loop, tcp());
    pair.here->reset();
    co_await loop.sleep(10ms);
    std::array<char, 16> buffer;
    for (int i = 0; i < 2; ++i) {  // also on a second read
        auto n = co_await pair.there->read_some(buffer);
        REQUIRE_FALSE(n.has_value());
        CHECK(n.error()->code == Code::upstream_broken);
    }
}

Task<void> waiter(net::Stream& stream, int& resumed) {
    (void)co_await stream.readable();
    ++resumed;
}

Task<void> nudging(net::Loop& loop) {
    auto pair = co_await connect_pair(loop, tcp());
    std::array<char, 16> buffer;
    CHECK(pair.here->try_read(buffer) == net::Stream::kWouldBlock);
    int resumed = 0;
    spawn(waiter(*pair.here, resumed));
    co_await loop.sleep(5ms);
    CHECK(resumed == 0);
    pair.here->wake_reader();
    co_await loop.sleep(1ms);
    CHECK(resumed == 1);
    CHECK(pair.here->try_read(buffer) == net::Stream::kWouldBlock);  // still usable
    const bool sent = co_await write(*pair.there, "after");
    CHECK(sent);
    const auto got = co_await read_until(*pair.here, "after");
    CHECK(got == "after");
}

std::string scratch_path(std::string_view name) {
    return std::string(HEARTH_BINARY_DIR) + "/" + std::string(name) + std::to_string(::getpid());
}

}  // namespace

TEST_CASE("data and end of stream in both directions, over TCP and a Unix socket") {
    net::Loop loop;
    run(loop, echo(loop, tcp()));
    run(loop, echo(loop, net::Address::local(scratch_path("echo"))));
}

TEST_CASE("a write larger than the socket buffer waits and arrives complete") {
    net::Loop loop;
    run(loop, big_transfer(loop));
}

TEST_CASE("cancel fails pending and later operations with the given reason") {
    net::Loop loop;
    run(loop, cancelling(loop));
}

TEST_CASE("a peer's close is detected without a read") {
    net::Loop loop;
    run(loop, gone(loop, false));
    run(loop, gone(loop, true));
}

TEST_CASE("a reset is an error, not an end of stream") {
    net::Loop loop;
    run(loop, reset_is_not_eof(loop));
}

TEST_CASE("wake_reader ends a wait and leaves the stream usable") {
    net::Loop loop;
    run(loop, nudging(loop));
}

TEST_CASE("read blocks are returned to the loop") {
    net::Loop loop;
    auto first = loop.take_block();
    std::memset(first.get(), 1, net::Loop::kBlockBytes + net::Loop::kBlockSlack);
    first.reset();
    auto second = loop.take_block();
    CHECK(second != nullptr);
}

}  // namespace stream_test
