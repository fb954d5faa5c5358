#include "client_rig.h"
#include "http/encoder.h"

namespace send_test {

using namespace rig;

namespace {

Task<void> one_exchange(net::Loop& loop) {
    Upstream up(loop, {{{{"tail", ok("answer", "X-A: b\r\n")}}, End::hold}});
    client::Client client(loop);
    auto where = to(up.address);
    where.base_path = "/v1";
    client::Request request{.method = "POST", .target = "/chat?x=1"};
    request.headers.append("Content-Type", "application/json");
    request.headers.append("Host", "evil.test");
    request.headers.append("Content-Length", "1");
    request.headers.append("Transfer-Encoding", "chunked");
    request.headers.append("Connection", "close");
    const std::array<std::string_view, 3> body{"front ", "", "tail"};
    const auto cleared = privacy::PermitForTest::clear(where, Place::loopback, body);
    auto response = co_await client.send(cleared, where, std::move(request), {}, {});
    REQUIRE(response.has_value());
    CHECK((*response)->status() == 200);
    CHECK((*response)->headers().get("x-a") == "b");
    CHECK((*response)->peer().address_class() == net::AddressClass::loopback);
    CHECK_FALSE((*response)->reused());
    auto all = co_await (*response)->read_all();
    CHECK(all.value() == "answer");
    auto again = co_await (*response)->read();
    CHECK(again->empty());
    CHECK((*response)->headers().get("x-a") == "b");  // although the connection is back in the pool
    CHECK(client.stats().idle == 1);
    client.close_idle();
    co_await up.closed();
    const auto host = "127.0.0.1:" + std::to_string(up.address.port());
    CHECK(up.seen == "POST /v1/chat?x=1 HTTP/1.1\r\nhost: " + host +
                         "\r\nContent-Type: application/json\r\ncontent-length: 10\r\n\r\nfront tail");
}

// A response in all three framings, split at every byte.
Task<void> cut_everywhere(net::Loop& loop) {
    for (const std::string& answer :
         {ok("hello world"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n "
                      "world\r\n0\r\n\r\n"),
          std::string("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nConnection: "
                      "close\r\n\r\nhello world")}) {
        std::vector<Upstream::Script> scripts;
        for (std::size_t cut = 1; cut < answer.size(); ++cut) {
            scripts.push_back(
                {{{"\r\n\r\n", answer.substr(0, cut)}, {"", answer.substr(cut), 2ms}}, End::close});
        }
        Upstream up(loop, scripts);
        client::Client client(loop);
        for (std::size_t cut = 1; cut < answer.size(); ++cut) {
            const auto got = co_await fetch(client, to(up.address));
            CAPTURE(cut);
            CHECK(got.error.empty());
            CHECK(got.body == "hello world");
        }
        co_await up.closed();
    }
}

Task<void> pool(net::Loop& loop) {
    const Upstream::Step step{"\r\n\r\n", ok("x")};
    Upstream up(loop, {{{step, step, step}, End::hold}});
    client::Client client(loop);
    for (int i = 0; i < 3; ++i) {
        const auto got = co_await fetch(client, to(up.address));
        CHECK(got.body == "x");
        CHECK(got.reused == (i > 0));
    }
    CHECK(up.accepted == 1);
    CHECK(client.stats().connects == 1);
    CHECK(client.stats().reuses == 2);
    client.close_idle();
    co_await up.closed();
}

Task<void> idle_connections(net::Loop& loop) {
    Upstream up(loop, {{{{"\r\n\r\n", ok("x")}}, End::hold}});
    client::Client::Options options;
    options.idle_timeout = 50ms;
    client::Client client(loop, options);
    (void)co_await fetch(client, to(up.address));
    CHECK(client.stats().idle == 1);
    for (int i = 0; i < 500 && client.stats().idle > 0; ++i) co_await loop.sleep(1ms);
    CHECK(client.stats().idle == 0);
    co_await up.closed();
    // Closed by the upstream: out of the pool at once. Unsolicited bytes: not reused.
    Upstream closing(loop, {{{{"\r\n\r\n", ok("x")}, {"", "", 5ms}}, End::close}});
    Upstream unsolicited(loop,
                         {{{{"\r\n\r\n", ok("x")}, {"", "HTTP/1.1 408 Too Late\r\n\r\n", 5ms}}, End::hold}});
    client::Client other(loop);
    (void)co_await fetch(other, to(closing.address));
    (void)co_await fetch(other, to(unsolicited.address));
    for (int i = 0; i < 1000 && (closing.open > 0 || unsolicited.sent < 2); ++i) co_await loop.sleep(1ms);
    co_await loop.sleep(1ms);
    CHECK(other.stats().idle == 1);
    const auto fresh = co_await fetch(other, to(unsolicited.address));
    CHECK_FALSE(fresh.reused);
    CHECK(fresh.status == 200);
    co_await loop.sleep(20ms);
    other.close_idle();
    co_await closing.closed();
    co_await unsolicited.closed();
}

// The upstream closes a pooled connection at the moment of the next request.
Task<void> stale(net::Loop& loop) {
    for (const auto end : {End::close, End::reset}) {
        const Upstream::Step step{"\r\n\r\n", ok("x")};
        Upstream up(loop, {{{step, {"\r\n\r\n", ""}}, end}, {{step}, End::hold}});
        client::Client client(loop);
        (void)co_await fetch(client, to(up.address));
        const auto got = co_await fetch(client, to(up.address));
        CHECK(got.body == "x");
        CHECK_FALSE(got.reused);
        CHECK(client.stats().stale_retries == 1);
        CHECK(up.accepted == 2);
        client.close_idle();
        co_await up.closed();
    }
    // Not retried: a new connection that does so, nor one that has received a byte of a response.
    Upstream rude(loop, {{{{"\r\n\r\n", ""}}, End::close}});
    client::Client client(loop);
    const auto got = co_await fetch(client, to(rude.address));
    CHECK(got.error.find("upstream_broken") == 0);
    CHECK(rude.accepted == 1);
    co_await rude.closed();
    Upstream partial(loop, {{{{"\r\n\r\n", ok("x")}, {"\r\n\r\n", "HTTP/1.1 2"}}, End::close}});
    (void)co_await fetch(client, to(partial.address));
    const auto cut = co_await fetch(client, to(partial.address));
    CHECK(cut.error.find("upstream_broken") == 0);
    CHECK(partial.accepted == 1);
    co_await partial.closed();
}

Task<void> failures(net::Loop& loop) {
    client::Client client(loop);
    auto listener = listen(loop);
    const auto unused_address = listener->local_address();
    listener->close();
    const auto refused = co_await fetch(client, to(unused_address));
    CHECK(refused.error.find("upstream_connect") == 0);
    const auto unknown = co_await fetch(client, to(unused_address, "no-such-host.invalid"),
                                        {.method = "GET", .target = "/"}, {}, {}, Place::cloud);
    CHECK(unknown.error.find("upstream_connect") == 0);

    client::Timeouts quick{.headers = 300ms, .idle = 300ms};
    Upstream silent(loop, {{{{"\r\n\r\n", ""}}, End::hold}});
    const auto no_head = co_await fetch(client, to(silent.address), {.method = "GET", .target = "/"}, quick);
    CHECK(no_head.error.find("upstream_timeout") == 0);
    CHECK(no_head.error.find("300 ms") != std::string::npos);
    Upstream stalls(loop, {{{{"\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}}, End::hold}});
    const auto stalled = co_await fetch(client, to(stalls.address), {.method = "GET", .target = "/"}, quick);
    CHECK(stalled.status == 200);
    CHECK(stalled.body == "half");
    CHECK(stalled.error.find("upstream_timeout") == 0);
    const auto total =
        co_await fetch(client, to(stalls.address), {.method = "GET", .target = "/"}, {.total = 300ms});
    CHECK(total.error.find("the whole response within 300 ms") != std::string::npos);

    for (const auto& [answer, end, code] :
         {std::tuple("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", End::close, "upstream_broken"),
          std::tuple("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", End::reset, "upstream_broken"),
          std::tuple("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", End::close,
                     "upstream_broken"),
          std::tuple("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n", End::hold,
                     "upstream_failed"),
          std::tuple("HTTP/9.9 200 OK\r\n\r\n", End::hold, "upstream_failed"),
          std::tuple("SSH-2.0-OpenSSH\r\n\r\n", End::hold, "upstream_failed")}) {
        Upstream up(loop, {{{{"\r\n\r\n", answer}}, end}});
        const auto got = co_await fetch(client, to(up.address));
        CAPTURE(answer);
        CHECK(got.error.find(code) == 0);
        if (got.status == 200 && end != End::reset) CHECK(got.body == "half");
        co_await up.closed();
    }
    co_await silent.closed();
    co_await stalls.closed();
    CHECK(client.stats().active == 0);
}

Task<void> stop_later(net::Loop& loop, StopSource source) {
    co_await loop.sleep(20ms);
    source.stop(Error{.code = Code::cancelled, .message = "the client disconnected"});
}

Task<void> stopping(net::Loop& loop) {
    client::Client client(loop);
    Upstream silent(loop, {{{{"\r\n\r\n", ""}}, End::hold}});
    Upstream stalls(loop, {{{{"\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}}, End::hold}});
    for (auto* up : {&silent, &stalls}) {
        StopSource source;
        spawn(stop_later(loop, source));
        const auto got =
            co_await fetch(client, to(up->address), {.method = "GET", .target = "/"}, {}, source.token());
        CHECK(got.error == "cancelled: the client disconnected");
        co_await up->closed();  // the upstream sees it at once
    }
    StopSource before;
    before.stop(Error{.code = Code::cancelled, .message = "too late"});
    const auto never =
        co_await fetch(client, to(silent.address), {.method = "GET", .target = "/"}, {}, before.token());
    CHECK(never.error == "cancelled: too late");
    // Between two reads: the socket closes without a waiter.
    Upstream more(loop, {{{{"\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}}, End::hold}});
    const auto where = to(more.address);
    const auto cleared = privacy::PermitForTest::clear(where, Place::loopback);
    StopSource source;
    auto response =
        co_await client.send(cleared, where, {.method = "GET", .target = "/"}, {}, source.token());
    REQUIRE(response.has_value());
    source.stop(Error{.code = Code::cancelled, .message = "now"});
    co_await more.closed();
    auto bytes = co_await (*response)->read();
    CHECK(describe(bytes.error()) == "cancelled: now");
}

// Rejects a large body while it is still being sent: the response is returned, not the broken pipe.
Task<void> early_answer(net::Loop& loop) {
    Upstream up(loop,
                {{{{"\r\n\r\n", "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n"}, {"", "", 30ms}},
                  End::close}});
    client::Client client(loop);
    const std::string big(30'000'000, 'x');
    const std::string_view body[] = {big};
    const auto got = co_await fetch(client, to(up.address), {.method = "POST", .target = "/"}, {}, {},
                                    Place::loopback, body);
    CHECK(got.status == 413);
    CHECK(client.stats().idle == 0);
    co_await up.closed();
}

Task<void> bounded(net::Loop& loop) {
    Upstream up(loop, {{{{"\r\n\r\n", ok(std::string(100'000, 'x'))}}, End::hold}});
    client::Client client(loop);
    const auto where = to(up.address);
    const auto cleared = privacy::PermitForTest::clear(where, Place::loopback);
    auto response = co_await client.send(cleared, where, {.method = "GET", .target = "/"}, {}, {});
    REQUIRE(response.has_value());
    auto all = co_await (*response)->read_all(50'000);
    CHECK(all.error()->code == Code::too_large);
    CHECK(all.error()->limit == 50'000);
    auto second = co_await client.send(cleared, where, {.method = "GET", .target = "/"}, {}, {});
    REQUIRE(second.has_value());
    (*second)->set_body_limit(50'000);
    auto limited = co_await (*second)->read_all(1'000'000);
    CHECK(limited.error()->code == Code::upstream_failed);
    co_await up.closed();
}

std::string fmt_chunk(std::string_view data) {
    std::string out;
    http::append_chunk(out, data);
    return out;
}

// Several chunks that arrived together are returned together.
Task<void> bursts(net::Loop& loop) {
    std::string burst = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", whole;
    for (int i = 0; i < 50; ++i) {
        const std::string event = "data: event number " + std::to_string(i) + "\n\n";
        burst += fmt_chunk(event);
        whole += event;
    }
    Upstream up(loop, {{{{"\r\n\r\n", burst + "0\r\n\r\n"}}, End::hold}});
    client::Client client(loop);
    const auto where = to(up.address);
    const auto cleared = privacy::PermitForTest::clear(where, Place::loopback);
    auto response = co_await client.send(cleared, where, {.method = "GET", .target = "/"}, {}, {});
    REQUIRE(response.has_value());
    auto bytes = co_await (*response)->read();
    CHECK(bytes.value() == whole);
    CHECK(client.stats().idle == 1);  // the end arrived with it
    client.close_idle();
    co_await up.closed();
}

}  // namespace

TEST_CASE("a request is sent with its headers and the client's framing") {
    net::Loop loop;
    run(loop, one_exchange(loop));
}
TEST_CASE("responses do not depend on how their bytes are split") {
    net::Loop loop;
    run(loop, cut_everywhere(loop));
}
TEST_CASE("connections are pooled and reused") {
    net::Loop loop;
    run(loop, pool(loop));
    run(loop, idle_connections(loop));
}
TEST_CASE("a stale pooled connection is replaced once") {
    net::Loop loop;
    run(loop, stale(loop));
}
TEST_CASE("each kind of failure has its error code") {
    net::Loop loop;
    run(loop, failures(loop));
}
TEST_CASE("a stop token cancels an exchange at once") {
    net::Loop loop;
    run(loop, stopping(loop));
}
TEST_CASE("an early response to a large body is returned") {
    net::Loop loop;
    run(loop, early_answer(loop));
}
TEST_CASE("a response over the caller's limit is an error") {
    net::Loop loop;
    run(loop, bounded(loop));
}
TEST_CASE("a burst of chunks is returned by one read") {
    net::Loop loop;
    run(loop, bursts(loop));
}

}  // namespace send_test
