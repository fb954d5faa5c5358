// Bodies that are too large for memory, read in pieces.
#include <doctest/doctest.h>

#include "server_rig.h"

namespace large_body_test {

using namespace hearth;
using namespace std::chrono_literals;
using namespace rig;

namespace {

constexpr std::uint64_t kLimit = 100'000;

// Responds with the number of bytes, of pieces, and a checksum, or with the error message.
Task<void> count_handler(server::Exchange& ex) {
    std::size_t bytes = 0, pieces = 0, sum = 0;
    while (true) {
        const auto piece = co_await ex.read_piece(kLimit);
        if (!piece) {
            co_await ex.respond_error(piece.error());
            co_return;
        }
        if (piece->empty()) break;
        ++pieces;
        bytes += piece->size();
        for (const char c : *piece) sum += static_cast<unsigned char>(c);
    }
    const auto again = co_await ex.read_piece(kLimit);
    CHECK(again.value_or("x").empty());
    co_await ex.respond(
        200, {},
        "<" + std::to_string(bytes) + " " + (pieces > 1 ? "many" : "one") + " " + std::to_string(sum) + ">");
}

Task<void> pieces(net::Loop& loop) {
    server::Limits limits;
    limits.http.body_bytes = 10;  // of every other route
    limits.http.announced_bytes = UINT64_MAX;
    Served s(loop, count_handler, limits);
    auto stream = co_await dial(loop, s.address);
    co_await write(*stream, post("/", std::string(90'000, 'a')));
    CHECK((co_await read_until(*stream, ">")).find("<90000 many 8730000>") != std::string::npos);
    co_await write(*stream, post("/", ""));  // the connection is reused
    CHECK((co_await read_until(*stream, ">")).find("<0 one 0>") != std::string::npos);
    co_await write(
        *stream,
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    CHECK((co_await read_until(*stream, ">")).find("<5 many 495>") != std::string::npos);
    co_await write(*stream,
                   "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK((co_await read_until(*stream, "\r\n\r\n")) == "HTTP/1.1 100 Continue\r\n\r\n");
    co_await write(*stream, "ab");
    CHECK((co_await read_until(*stream, ">")).find("<2 one 195>") != std::string::npos);
    const auto refused = co_await exchange_raw(
        loop, s.address, "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100001\r\n\r\n");
    CHECK(refused.find("HTTP/1.1 413 ") == 0);
    co_await s.server.shutdown(1s);
}

Task<void> others_keep_their_limit(net::Loop& loop) {
    server::Limits limits;
    limits.http.body_bytes = 10;
    limits.http.announced_bytes = UINT64_MAX;
    Served s(loop, echo_handler, limits);
    const auto refused = co_await exchange_raw(loop, s.address, post("/", std::string(11, 'x')));
    CHECK(refused.find("HTTP/1.1 413 ") == 0);
    co_await s.server.shutdown(1s);
}

}  // namespace

TEST_CASE("server: a large body is read in pieces up to the route's limit") {
    net::Loop loop;
    run(loop, pieces(loop));
}

TEST_CASE("server: read_body keeps its own limit although the head may announce more") {
    net::Loop loop;
    run(loop, others_keep_their_limit(loop));
}

}  // namespace large_body_test
