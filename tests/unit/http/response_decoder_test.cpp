#include "http/response_decoder.h"

#include <doctest/doctest.h>

#include "http/encoder.h"
#include "unit/http/feed.h"

namespace response_decoder_test {

using namespace hearth;
using test::response;

TEST_CASE("responses: no body, Content-Length, chunked and until close") {
    const auto length = response({"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabcNEXT"}, false);
    REQUIRE_FALSE(length.error);
    CHECK(length.messages.at(0) == test::Message{"200 OK 1.1\nContent-Length=3\nA=b", "abc", true});
    CHECK(length.unread == 4);
    CHECK(length.idle);

    const auto chunked =
        response({"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"}, false);
    CHECK(chunked.messages.at(0).body == "abc");
    CHECK(chunked.idle);

    const auto close = response({"HTTP/1.0 404 Not Here\r\n\r\nab", "c"}, true);
    CHECK(close.messages.at(0) == test::Message{"404 Not Here 1.0", "abc", false});
    CHECK(close.idle);
    CHECK_FALSE(close.error);

    for (const std::string_view none :
         {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"}) {
        const auto t = response({none}, false);
        CHECK(t.messages.at(0).body.empty());
        CHECK(t.idle);
    }
    CHECK(response({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}, false, true).idle);
    CHECK(response({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}, false, true).idle);
    CHECK_FALSE(response({"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"}, false)
                    .messages.at(0)
                    .keep_alive);
}

TEST_CASE("responses: up to 16 interim responses are skipped; 101 is rejected") {
    const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    const auto t =
        response({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + final}, false);
    REQUIRE(t.messages.size() == 1);
    CHECK(t.messages[0].head == "200 OK 1.1\nContent-Length=1");
    std::string many;
    for (int i = 0; i < 17; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
    CHECK(response({many + final}, false).error->code == Code::upstream_failed);
    CHECK(response({"HTTP/1.1 101 Switching Protocols\r\n\r\n"}, false).error->code == Code::upstream_failed);
}

TEST_CASE("responses: a response truncated at any byte is an error") {
    for (const std::string text :
         {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: "
          "b\r\n\r\n"}) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto t = response({std::string_view(text).substr(0, i)}, true);
            REQUIRE(t.error);
            CHECK(t.error->code == Code::upstream_broken);
        }
        CHECK_FALSE(response({text}, true).error);
    }
}

TEST_CASE("responses: decoding does not depend on how the input is split") {
    const std::string text =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine by me\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
        "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\nrest";
    const std::string_view view = text;
    const auto whole = response({view}, false);
    REQUIRE(whole.messages.at(0).body == "hello!");
    for (std::size_t i = 0; i <= view.size(); ++i) {
        for (std::size_t j = i; j <= view.size(); j += 5) {
            const auto t = response({view.substr(0, i), view.substr(i, j - i), view.substr(j)}, false);
            REQUIRE(t.messages == whole.messages);
            REQUIRE(t.unread == 4);
        }
    }
}

TEST_CASE("responses: ambiguous and malformed responses are rejected") {
    const std::string_view bad[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\nA: b\n\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"};
    for (const auto text : bad) {
        CAPTURE(text);
        const auto t = response({text}, false);
        REQUIRE(t.error);
        CHECK(t.error->code == Code::upstream_failed);
        CHECK(t.error->http_status == 0);
    }
}

TEST_CASE("responses: sizes are limited; start() makes the decoder reusable") {
    const http::Limits small{.head_bytes = 100, .body_bytes = 4};
    CHECK(response({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, false, false, small).error->code ==
          Code::upstream_failed);
    CHECK(response({"HTTP/1.1 200 OK\r\n\r\nhello"}, true, false, small).error->code ==
          Code::upstream_failed);
    CHECK(response({"HTTP/1.1 200 OK\r\nA: " + std::string(100, 'x')}, false, false, small).error);
    http::ResponseDecoder decoder;
    CHECK(decoder.idle());
    REQUIRE_FALSE(decoder.feed(std::string_view("nonsense\r\n\r\n")));
    REQUIRE_FALSE(decoder.feed(std::string_view("HTTP/1.1 200 OK\r\n\r\n")));
    decoder.start();
    CHECK(decoder.feed(std::string_view("HTTP/1.1 200 OK\r\n\r\n")).value().event == http::Event::head);
    decoder.start();
    CHECK(decoder.eof().error()->code == Code::upstream_broken);
}

}  // namespace response_decoder_test
