#include "http/request_decoder.h"

#include <doctest/doctest.h>

#include "http/encoder.h"
#include "unit/http/feed.h"

namespace request_decoder_test {

using namespace hearth;
using test::requests;

namespace {

const std::string kThree =
    "POST /v1/chat?x=1 HTTP/1.1\r\nHost: localhost:4327\r\nContent-Length: 5\r\nX-A:  b c\t\r\n\r\nhello"
    "\r\nPOST /c HTTP/1.1\r\nhost: [::1]:80\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue\r\n\r\n"
    "4;ext=\"v\"\r\nwiki\r\n00a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n"
    "GET http://Example.org:8080?q HTTP/1.1\r\nHost: example.org:8080\r\nConnection: x, Close\r\n\r\n";

}  // namespace

TEST_CASE("requests: Content-Length, chunked bodies, absolute targets, pipelining") {
    const auto t = requests({kThree});
    REQUIRE_FALSE(t.error);
    REQUIRE(t.messages.size() == 3);
    CHECK(t.messages[0].head ==
          "POST /v1/chat?x=1 @localhost:4327 1.1\nHost=localhost:4327\nContent-Length=5\nX-A=b c");
    CHECK(t.messages[0].body == "hello");
    CHECK(t.messages[0].keep_alive);
    CHECK(t.messages[1].body == "wiki0123456789");
    CHECK(t.messages[1].expects_continue);
    CHECK(t.messages[2].head.starts_with("GET /?q @Example.org:8080 1.1\n"));
    CHECK_FALSE(t.messages[2].keep_alive);
    CHECK(t.idle);
}

TEST_CASE("requests: decoding does not depend on how the input is split") {
    const auto whole = requests({kThree});
    const std::string_view text = kThree;
    const std::size_t first = text.find("hello") + 5, second = text.find("GET http");
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
    CHECK(requests(bytes).messages == whole.messages);
    for (std::size_t i = 0; i <= text.size(); ++i) {
        for (std::size_t j = i; j <= text.size(); j += 7) {
            const auto t = requests({text.substr(0, i), text.substr(i, j - i), text.substr(j)});
            REQUIRE_FALSE(t.error);
            REQUIRE(t.messages == whole.messages);
            REQUIRE(t.idle);
        }
        const bool between = i == 0 || i == first || i == first + 2 || i == second || i == text.size();
        CHECK(requests({text.substr(0, i)}).idle == between);  // an empty line is not a request
    }
}

TEST_CASE("requests: body events are views into the input, and bytes after the end are not consumed") {
    http::RequestDecoder decoder;
    const std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET";
    auto step = decoder.feed(bytes).value();
    CHECK(step.event == http::Event::head);
    CHECK(decoder.content_length() == 3);
    CHECK(decoder.has_body());
    CHECK_FALSE(decoder.idle());
    const std::string_view rest = std::string_view(bytes).substr(step.consumed);
    step = decoder.feed(rest).value();
    CHECK(step.event == http::Event::body);
    CHECK(step.body.data() == rest.data());
    CHECK(step.consumed == 3);
    for (int i = 0; i < 2; ++i) {
        step = decoder.feed(rest.substr(3)).value();
        CHECK(step.event == http::Event::end);
        CHECK(step.consumed == 0);
    }
    decoder.next();
    CHECK(decoder.idle());
    CHECK(decoder.feed(rest.substr(3)).value().consumed == 3);
}

TEST_CASE("requests: keep-alive follows the version and the Connection field") {
    const auto keeps = [](std::string_view version, std::string_view fields) {
        const std::string text =
            "GET / HTTP/" + std::string(version) + "\r\nHost: h\r\n" + std::string(fields) + "\r\n";
        return requests({text}).messages.at(0).keep_alive;
    };
    CHECK(keeps("1.1", ""));
    CHECK(keeps("1.7", ""));
    CHECK_FALSE(keeps("1.1", "Connection: close\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: keep-alive\r\nconnection: foo ,\tCLOSE\r\n"));
    CHECK(keeps("1.1", "Connection: closed\r\n"));
    CHECK_FALSE(keeps("1.0", ""));
    CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
}

TEST_CASE("requests: a line, head or body over its limit is rejected with 414, 431 or 413") {
    const auto status = [](const std::string& text, http::Limits limits) {
        const auto t = requests({text}, limits);
        // Byte by byte the result must be the same.
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(std::string_view(text).substr(i, 1));
        const auto slow = requests(bytes, limits);
        CHECK(t.error.has_value() == slow.error.has_value());
        if (t.error && slow.error) CHECK(t.error->http_status == slow.error->http_status);
        return t.error ? t.error->http_status : 0;
    };
    const std::string host = " HTTP/1.1\r\nHost: h\r\n";
    CHECK(status("GET /" + std::string(99, 'a') + host + "\r\n", {.target_bytes = 100}) == 0);
    CHECK(status("GET /" + std::string(100, 'a') + host + "\r\n", {.target_bytes = 100}) == 414);
    CHECK(status("GET /" + std::string(5000, 'a'), {.target_bytes = 100}) == 414);
    CHECK(status("GET /" + host + "A: " + std::string(500, 'a') + "\r\n\r\n", {.head_bytes = 500}) == 431);
    CHECK(status("GET /" + host + "A: " + std::string(500, 'a'), {.head_bytes = 500}) == 431);
    CHECK(status("GET /" + host + "A: b\r\nA: b\r\n\r\n", {.headers = 3}) == 0);
    CHECK(status("GET /" + host + "A: b\r\nA: b\r\nA: b\r\n\r\n", {.headers = 3}) == 431);
    CHECK(status("POST /" + host + "Content-Length: 6\r\n\r\nabcdef", {.body_bytes = 6}) == 0);
    CHECK(status("POST /" + host + "Content-Length: 7\r\n\r\n", {.body_bytes = 6}) == 413);
    {  // a route may accept larger bodies than others
        http::RequestDecoder large({.body_bytes = 6, .announced_bytes = 8});
        const auto text = "POST /" + host + "Content-Length: 8\r\n\r\n";
        auto head = large.feed(text);
        REQUIRE(head);
        CHECK(head->event == http::Event::head);
        large.set_body_limit(8);
        CHECK(large.feed(std::string_view("12345678"))->body == "12345678");
        http::RequestDecoder small({.body_bytes = 6, .announced_bytes = 8});
        REQUIRE(small.feed(text));
        CHECK(small.feed(std::string_view("12345678")).error()->http_status == 413);
        CHECK(status("POST /" + host + "Content-Length: 9\r\n\r\n",
                     {.body_bytes = 6, .announced_bytes = 8}) == 413);
    }
    const std::string chunked = "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n";
    CHECK(status(chunked + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", {.body_bytes = 6}) == 0);
    CHECK(status(chunked + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", {.body_bytes = 6}) == 413);
    CHECK(status(chunked + "7fffffffffffffff\r\nabcdefgh", {.body_bytes = 6}) == 413);
    CHECK(status(chunked + "1;" + std::string(300, 'x') + "\r\n", {}) == 400);
    CHECK(status(chunked + "0\r\nA: " + std::string(9000, 'x') + "\r\n\r\n", {}) == 431);
    std::string trailers = chunked + "0\r\n";
    for (int i = 0; i < 129; ++i) trailers += "A: b\r\n";
    CHECK(status(trailers + "\r\n", {}) == 431);
}

TEST_CASE("requests: a route may set a smaller body limit than the server") {
    http::RequestDecoder decoder;
    const auto step =
        decoder.feed(std::string_view("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")).value();
    REQUIRE(step.event == http::Event::head);
    decoder.set_body_limit(8);
    const auto refused = decoder.feed(std::string_view{});
    REQUIRE_FALSE(refused);
    CHECK(refused.error()->code == Code::too_large);
    CHECK(refused.error()->limit == 8);
    CHECK_FALSE(decoder.keep_alive());
    CHECK(decoder.feed(std::string_view("x")).error()->http_status == 413);
}

TEST_CASE("requests: what HeadWriter writes is decoded unchanged") {
    std::string out;
    http::RequestHead head;
    head.method = "PUT";
    head.target = "/a?b=%20";
    head.headers.append("Host", "h:1");
    head.headers.append("X-Empty", "");
    head.headers.append("X-Latin", "caf\xe9 \xe2\x82\xac\tx");
    REQUIRE(http::append_request_head(out, head));
    const auto t = requests({out});
    REQUIRE(t.messages.size() == 1);
    head.host = "h:1";
    CHECK(t.messages[0].head == test::describe(head));
}

}  // namespace request_decoder_test
