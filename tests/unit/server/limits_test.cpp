#include "server_rig.h"

namespace limits_test {

using namespace rig;

namespace {

Task<void> bad_requests(net::Loop& loop) {
    Served s(loop, echo_handler);
    const std::pair<std::string, std::string> cases[] = {
        {"GARBAGE\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},  // no Host
        {"GET / HTTP/2.0\r\nHost: t\r\n\r\n", "HTTP/1.1 505 "},
        {"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "HTTP/1.1 400 "},
        {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: t\r\n\r\n", "HTTP/1.1 414 "},
        {"GET / HTTP/1.1\r\nHost: t\r\nA: " + std::string(70'000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
        {post("/", std::string(1001, 'x')), "HTTP/1.1 413 "},
        {"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
    };
    for (const auto& [request, status] : cases) {
        const auto answer = co_await exchange_raw(loop, s.address, request);
        CAPTURE(request.substr(0, 60));
        CHECK(answer.find(status) == 0);
        CHECK(answer.find("{\"error\":{\"message\":") != std::string::npos);
        CHECK(answer.find("connection: close") != std::string::npos);
        CHECK(count(answer, "\r\n\r\n") == 1);
    }
    co_await s.server.shutdown(1s);
    CHECK(s.server.stats().open == 0);
}

// A rejection reaches a client that is still sending, although most of its bytes are never read.
Task<void> refused_upload(net::Loop& loop) {
    Served s(loop, echo_handler);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3000000\r\n\r\n");
    bool sent = true;
    for (int i = 0; i < 30 && sent; ++i) sent = co_await write(*stream, std::string(100'000, 'x'));
    const auto answer = co_await read_to_end(*stream);
    CHECK(answer.find("HTTP/1.1 413 ") == 0);
    co_await s.server.shutdown(1s);
}

Task<void> slow_senders(net::Loop& loop) {
    server::Limits limits;
    limits.head = 100ms;
    limits.body_progress = 100ms;
    limits.keep_alive = 200ms;
    Served s(loop, echo_handler, limits);
    const auto head = co_await exchange_raw(loop, s.address, "GET / HTTP/1.1\r\nHost:");
    CHECK(head.find("HTTP/1.1 408 ") == 0);
    const auto body = co_await exchange_raw(loop, s.address,
                                            "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhalf");
    CHECK(body.find("HTTP/1.1 408 ") == 0);
    const auto idle = co_await exchange_raw(loop, s.address, "");
    CHECK(idle.empty());  // closed without a response
    // An occasional byte does not extend the time limit of a head.
    auto slow_sender = co_await dial(loop, s.address);
    co_await write(*slow_sender, "GET / HTTP/1.1\r\n");
    bool open = true;
    int drops = 0;
    for (; open && drops < 200; ++drops) {
        open = co_await write(*slow_sender, "A");
        co_await loop.sleep(10ms);
        if (slow_sender->peer_gone()) break;
    }
    CHECK(drops < 100);
    const auto said = co_await read_to_end(*slow_sender);
    CHECK(said.find("HTTP/1.1 408 ") == 0);
    slow_sender->close();
    co_await s.server.shutdown(1s);
}

Task<void> too_many(net::Loop& loop) {
    server::Limits limits;
    limits.connections = 2;
    Served s(loop, echo_handler, limits);
    auto one = co_await dial(loop, s.address);
    auto two = co_await dial(loop, s.address);
    co_await write(*two, get("/"));
    const auto served = co_await read_until(*two, ">");
    CHECK(served.find("200 OK") != std::string::npos);
    const auto third = co_await exchange_raw(loop, s.address, "");
    CHECK(third.find("HTTP/1.1 503 ") == 0);
    CHECK(third.find("too many connections") != std::string::npos);
    one->close();
    co_await loop.sleep(5ms);
    const auto again = co_await exchange_raw(loop, s.address, get("/"), ">");
    CHECK(again.find("200 OK") != std::string::npos);
    two->close();
    co_await s.server.shutdown(1s);
}

Task<void> ignores_body(server::Exchange& ex) {
    co_await ex.respond(200, {}, "<ok>");
}

Task<void> unread_bodies(net::Loop& loop) {
    server::Limits limits;
    limits.drain = 10'000;
    Served s(loop, ignores_body, limits);
    // Small: skipped, and the next request on the connection is understood.
    const auto two = co_await exchange_raw(
        loop, s.address, post("/", std::string(9000, 'x')) + get("/", "Connection: close\r\n"));
    CHECK(count(two, "<ok>") == 2);
    // Large: the connection is closed instead.
    const auto one = co_await exchange_raw(loop, s.address, post("/", std::string(11'000, 'x')) + get("/"));
    CHECK(count(one, "<ok>") == 1);
    const auto chunked =
        co_await exchange_raw(loop, s.address,
                              "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2af8\r\n" +
                                  std::string(11'000, 'x') + "\r\n0\r\n\r\n" + get("/"));
    CHECK(count(chunked, "<ok>") == 1);
    CHECK(s.server.stats().requests == 4);
    co_await s.server.shutdown(1s);
}

}  // namespace

TEST_CASE("malformed requests get their status, a JSON error and a closed connection") {
    net::Loop loop;
    run(loop, bad_requests(loop));
}
TEST_CASE("a rejection reaches a client that is still sending") {
    net::Loop loop;
    run(loop, refused_upload(loop));
}
TEST_CASE("slow senders get 408 or are disconnected") {
    net::Loop loop;
    run(loop, slow_senders(loop));
}
TEST_CASE("connections beyond the limit get 503") {
    net::Loop loop;
    run(loop, too_many(loop));
}
TEST_CASE("an unread body is skipped if small; otherwise the connection is closed") {
    net::Loop loop;
    run(loop, unread_bodies(loop));
}

}  // namespace limits_test
