#include "server_rig.h"

namespace exchange_test {

using namespace rig;

namespace {

Task<void> keep_alive(net::Loop& loop) {
    Served s(loop, echo_handler);
    auto stream = co_await dial(loop, s.address);
    for (int i = 0; i < 3; ++i) {
        co_await write(*stream, post("/a", "body"));
        const auto answer = co_await read_until(*stream, ">");
        CHECK(answer.find("HTTP/1.1 200 OK\r\n") == 0);
        CHECK(answer.find("content-length: 14\r\n") != std::string::npos);
        CHECK(answer.find("\r\n\r\n<POST /a body>") != std::string::npos);
        CHECK(count(answer, "date: ") + count(answer, "Date: ") == 1);
    }
    CHECK(s.server.stats().accepted == 1);
    CHECK(s.server.stats().requests == 3);
    const auto closed = co_await exchange_raw(loop, s.address, get("/b", "Connection: close\r\n"));
    CHECK(closed.find("connection: close") != std::string::npos);
    const auto old = co_await exchange_raw(loop, s.address, "GET /c HTTP/1.0\r\n\r\n");
    CHECK(old.find("<GET /c >") != std::string::npos);
    stream->close();
    co_await s.server.shutdown(1s);
    CHECK(s.server.stats().open == 0);
}

Task<void> pipelined(net::Loop& loop) {
    Served s(loop, echo_handler);
    const auto all = co_await exchange_raw(
        loop, s.address,
        post("/1", "one") + get("/2") + post("/3", "three") + get("/4", "Connection: close\r\n"));
    const auto a = all.find("<POST /1 one>"), b = all.find("<GET /2 >"), c = all.find("<POST /3 three>"),
               d = all.find("<GET /4 >");
    CHECK(a < b);
    CHECK(b < c);
    CHECK(c < d);
    CHECK(d != std::string::npos);
    CHECK(s.server.stats().accepted == 1);
    co_await s.server.shutdown(1s);
}

// The same bytes, split at every offset, must give the same responses.
Task<void> cut_everywhere(net::Loop& loop) {
    Served s(loop, echo_handler);
    const std::string requests =
        post("/1", "one") +
        "POST /2 HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" +
        get("/3", "Connection: close\r\n");
    for (std::size_t cut = 1; cut < requests.size(); ++cut) {
        auto stream = co_await dial(loop, s.address);
        co_await write(*stream, requests.substr(0, cut));
        co_await loop.sleep(1ms);
        co_await write(*stream, requests.substr(cut));
        const auto all = co_await read_to_end(*stream);
        CAPTURE(cut);
        CHECK(all.find("<POST /1 one>") < all.find("<POST /2 two>"));
        CHECK(all.find("<POST /2 two>") < all.find("<GET /3 >"));
        CHECK(all.find("<GET /3 >") != std::string::npos);
    }
    auto stream = co_await dial(loop, s.address);
    for (const char c : requests) {  // and byte by byte
        co_await write(*stream, std::string(1, c));
        co_await loop.sleep(0ms);
    }
    const auto all = co_await read_to_end(*stream);
    CHECK(count(all, "HTTP/1.1 200 OK") == 3);
    co_await s.server.shutdown(1s);
}

Task<void> streaming_handler(server::Exchange& ex) {
    http::HeaderList headers;
    headers.append("content-type", "text/event-stream");
    headers.append("content-length", "999");  // framing fields of an upstream are ignored
    CHECK(ex.start(200, headers).has_value());
    co_await ex.write("data: 1\n\n");
    const std::array<std::string_view, 3> pieces{"data: ", "2", "\n\n"};
    co_await ex.write(pieces);
    co_await ex.write("");
    co_await ex.finish();
    CHECK(ex.finished());
}

Task<void> streams(net::Loop& loop) {
    Served s(loop, streaming_handler);
    const auto chunked = co_await exchange_raw(loop, s.address, get("/"), "0\r\n\r\n");
    CHECK(chunked.find("999") == std::string::npos);
    CHECK(chunked.substr(chunked.find("\r\n\r\n")) ==
          "\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    const auto old =
        co_await exchange_raw(loop, s.address, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(old.find("chunked") == std::string::npos);
    CHECK(old.substr(old.find("\r\n\r\n")) == "\r\n\r\ndata: 1\n\ndata: 2\n\n");
    const auto head = co_await exchange_raw(
        loop, s.address, "HEAD / HTTP/1.1\r\nHost: t\r\n\r\n" + get("/", "Connection: close\r\n"));
    CHECK(count(head, "data: 1") == 1);
    CHECK(count(head, "HTTP/1.1 200 OK") == 2);
    co_await s.server.shutdown(1s);
}

Task<void> empty_handler(server::Exchange& ex) {
    if (ex.head().target == "/nothing") co_return;
    http::HeaderList headers;
    if (ex.head().target == "/evil") headers.append("x-a", "b\r\nx-injected: 1");
    co_await ex.respond(ex.head().target == "/204" ? 204 : 200, headers, "not for 204 or HEAD");
}

Task<void> odd_answers(net::Loop& loop) {
    Served s(loop, empty_handler);
    const auto none = co_await exchange_raw(loop, s.address, get("/204", "Connection: close\r\n"));
    CHECK(none.find("HTTP/1.1 204 No Content\r\n") == 0);
    CHECK(none.ends_with("\r\n\r\n"));
    CHECK(none.find("content-length") == std::string::npos);
    const auto head =
        co_await exchange_raw(loop, s.address, "HEAD / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    CHECK(head.find("content-length: 19\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    const auto evil = co_await exchange_raw(loop, s.address, get("/evil", "Connection: close\r\n"));
    CHECK(evil.find("HTTP/1.1 500 ") == 0);
    CHECK(evil.find("injected") == std::string::npos);
    const auto silent = co_await exchange_raw(loop, s.address, get("/nothing", "Connection: close\r\n"));
    CHECK(silent.find("HTTP/1.1 500 ") == 0);
    CHECK(silent.find("\"error\"") != std::string::npos);
    co_await s.server.shutdown(1s);
}

Task<void> expectation(net::Loop& loop) {
    Served s(loop, echo_handler);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream,
                   "POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    const auto go = co_await read_until(*stream, "\r\n\r\n");
    CHECK(go == "HTTP/1.1 100 Continue\r\n\r\n");
    co_await write(*stream, "yes");
    const auto answer = co_await read_until(*stream, ">");
    CHECK(answer.find("<POST /e yes>") != std::string::npos);
    // Over the limit: rejected without "100 Continue".
    co_await write(*stream,
                   "POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");
    const auto refused = co_await read_to_end(*stream);
    CHECK(refused.find("HTTP/1.1 413 ") == 0);
    co_await s.server.shutdown(1s);
}

Task<void> break_handler(server::Exchange& ex) {
    CHECK(ex.start(200, {}).has_value());
    co_await ex.write("error event");
    if (ex.head().target == "/abort") {
        ex.abort();
    } else {
        co_await ex.break_off();
    }
}

Task<void> broken_streams(net::Loop& loop) {
    Served s(loop, break_handler);
    const auto off = co_await exchange_raw(loop, s.address, get("/off"));
    CHECK(off.find("error event") != std::string::npos);
    CHECK(off.find("0\r\n\r\n") == std::string::npos);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, get("/abort"));
    std::array<char, 1000> buffer;
    Result<std::size_t> n = 1;
    while (n && *n > 0) n = co_await stream->read_some(buffer);
    CHECK_FALSE(n.has_value());  // reset, not an end
    co_await s.server.shutdown(1s);
}

}  // namespace

TEST_CASE("a connection serves several requests") {
    net::Loop loop;
    run(loop, keep_alive(loop));
}
TEST_CASE("pipelined requests are answered in order") {
    net::Loop loop;
    run(loop, pipelined(loop));
}
TEST_CASE("responses do not depend on how the request bytes are split") {
    net::Loop loop;
    run(loop, cut_everywhere(loop));
}
TEST_CASE("streamed responses are chunked, or end with the connection for HTTP/1.0") {
    net::Loop loop;
    run(loop, streams(loop));
}
TEST_CASE("responses without body, unanswered requests and header injection") {
    net::Loop loop;
    run(loop, odd_answers(loop));
}
TEST_CASE("Expect: 100-continue is answered when the body is read") {
    net::Loop loop;
    run(loop, expectation(loop));
}
TEST_CASE("an aborted stream is never a complete response") {
    net::Loop loop;
    run(loop, broken_streams(loop));
}

}  // namespace exchange_test
