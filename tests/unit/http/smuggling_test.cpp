// Request smuggling (RFC 9112 section 11.2, and the advisories named beside the rows). Each input must be rejected exactly
// once with the given status, however it is split, and no second request may be decoded.
#include <doctest/doctest.h>

#include "unit/http/feed.h"

namespace smuggling_test {

using namespace hearth;
using test::requests;

namespace {

struct Attempt {
    std::string_view bytes;
    int status;
};

const std::string kHidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";

// Whole requests: first line and head.
const Attempt kHeads[] = {
    // Two lengths
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\ncontent-length: 0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 6\r\n\r\n", 400},
    // Lengths that are read differently (CVE-2023-38697)
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5.0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5_0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \"5\"\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5;\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551617\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775808\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \xd9\xa5\r\n\r\n", 400},
    // Transfer codings
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: 'chunked'\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\xa0\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: , chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: x\r\ntransfer-encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
     "chunked\r\n\r\n",
     400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chun\x00ked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding\t: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\n Transfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nX: y\r\n\tTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", 400},
    // Lines and names (CVE-2023-25725: an empty name)
    {"GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nnocolon\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA B: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA\x01: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA(: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\n\xc3\xa9: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA: x\ry\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA: x\r\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA: x\nB: y\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: h\n\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
    {"\n\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA: x\x7f\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h\r\nA: x\x1b[2J\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
    // Hosts
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: user@h\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h/path\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h:80:80\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: h:8o\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [evil]\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400},
    {"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 400},
    {"GET http://a/ HTTP/1.1\r\nHost: a:80\r\n\r\n", 400},
    {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET file:///etc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    // First lines
    {"GET /\r\n\r\n", 400},
    {"GET\r\n\r\n", 400},
    {" GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
    {"GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET /a\\b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/1\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/01.1\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/1,1\r\nHost: h\r\n\r\n", 400},
    {"GET / ICY/1.1\r\nHost: h\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
    {"GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    // Expectations
    {"POST / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n", 417},
    {"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\n", 417},
};

// Bodies behind "Transfer-Encoding: chunked" (CVE-2025-55315: line ends inside extensions).
const Attempt kBodies[] = {
    {"\r\n", 400},
    {" 5\r\nhello\r\n0\r\n\r\n", 400},
    {"5 \r\nhello\r\n0\r\n\r\n", 400},
    {"+5\r\nhello\r\n0\r\n\r\n", 400},
    {"-5\r\nhello\r\n0\r\n\r\n", 400},
    {"0x5\r\nhello\r\n0\r\n\r\n", 400},
    {"5h\r\nhello\r\n0\r\n\r\n", 400},
    {"g\r\nhello\r\n0\r\n\r\n", 400},
    {";a=b\r\nhello\r\n0\r\n\r\n", 400},
    {"5\nhello\r\n0\r\n\r\n", 400},
    {"5\r\r\nhello\r\n0\r\n\r\n", 400},
    {"5;a\nb\r\nhello\r\n0\r\n\r\n", 400},
    {"5;a\rb\r\nhello\r\n0\r\n\r\n", 400},
    {"5;\x01\r\nhello\r\n0\r\n\r\n", 400},
    {"5,6\r\nhello\r\n0\r\n\r\n", 400},
    {"10000000000000005\r\nhello\r\n0\r\n\r\n", 400},
    {"00000000000000005\r\nhello\r\n0\r\n\r\n", 400},
    {"8000000000000000\r\nhello", 400},
    {"fffffffffffffffff\r\nhello", 400},
    {"5\r\nhello0\r\n\r\n", 400},
    {"5\r\nhello\n0\r\n\r\n", 400},
    {"5\r\nhello\r0\r\n\r\n", 400},
    {"4\r\nhello\r\n0\r\n\r\n", 400},
    {"5\r\nhello\rX0\r\n\r\n", 400},
    {"0\r\nContent-Length: 5\r\n\r\n", 400},
    {"0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"0\r\nHost: x\r\n\r\n", 400},
    {"0\r\nA : b\r\n\r\n", 400},
    {"0\r\nnocolon\r\n\r\n", 400},
    {"0\r\nA: b\n\r\n", 400},
    {"0\r\n A: b\r\n\r\n", 400},
    {"0\r\nA: \x02\r\n\r\n", 400},
    {"0\r\n\n", 400},
    {"0\n\r\n", 400},
    {"0\r\nA: b\r\n c\r\n\r\n", 400},
};

void check(const std::string& text, int status) {
    CAPTURE(text);
    const std::string bytes = text + kHidden;
    const std::string_view view = bytes;
    std::vector<std::string_view> each;
    for (std::size_t i = 0; i < view.size(); ++i) each.push_back(view.substr(i, 1));
    for (const auto& pieces : {std::vector{view}, each}) {
        const auto t = requests(pieces);
        REQUIRE(t.error);
        CHECK(t.error->http_status == status);
        for (const auto& message : t.messages) CHECK(message.head.find("hidden") == std::string::npos);
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        const auto t = requests({view.substr(0, i), view.substr(i)});
        REQUIRE(t.error);
        REQUIRE(t.error->http_status == status);
    }
}

}  // namespace

TEST_CASE("smuggling: ambiguous request heads are rejected") {
    for (const auto& [bytes, status] : kHeads) check(std::string(bytes), status);
    // A NUL would end the string literal, so the text is built here.
    check(std::string("GET / HTTP/1.1\r\nHost: h\r\nA: x") + '\0' + "y\r\n\r\n", 400);
    check(std::string("GET /") + '\0' + " HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    check(std::string("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked") + '\0' + "\r\n\r\n", 400);
    check(std::string("GET / HTTP/1.1\r\nHost") + '\0' + ": h\r\n\r\n", 400);
}

TEST_CASE("smuggling: ambiguous chunked bodies are rejected") {
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const auto& [bytes, status] : kBodies) check(head + std::string(bytes), status);
}

TEST_CASE("smuggling: control bytes in names, values, targets and extensions are rejected") {
    const std::string host = " HTTP/1.1\r\nHost: h\r\n";
    for (int byte = 0; byte < 256; ++byte) {
        const std::string c(1, static_cast<char>(byte));
        const bool control = byte < 0x20 || byte == 0x7f;
        CAPTURE(byte);
        CHECK(requests({"GET /" + host + "A: x" + c + "y\r\n\r\n"}).error.has_value() ==
              (control && byte != '\t'));
        CHECK(requests({"GET /a" + c + "b" + host + "\r\n"}).error.has_value() ==
              (control || byte == ' ' || byte >= 0x80 ||
               std::string_view("#\"<>\\").find(c) != std::string_view::npos));
        if (byte != ':' && (control || byte >= 0x80 ||
                            std::string_view(" \"(),/;<=>?@[\\]{}").find(c) != std::string_view::npos)) {
            CHECK(requests({"GET /" + host + "A" + c + "B: x\r\n\r\n"}).error);
        }
        const std::string chunked =
            "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n1;a=" + c + "b\r\nx\r\n0\r\n\r\n";
        CHECK(requests({chunked}).error.has_value() == (control && byte != '\t'));
    }
}

TEST_CASE("smuggling: unusual but valid requests are accepted") {
    for (const std::string_view good :
         {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
          "GET / HTTP/1.0\r\n\r\n", "GET https://h/a HTTP/1.1\r\nHost: H\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nA:\r\nB:x\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0005\r\n\r\nhello",
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: CHUNKED\r\n\r\n5 ;a=\"b\" ; "
          "c\r\nhello\r\n000\r\nA: b\r\n\r\n"}) {
        CAPTURE(good);
        const auto t = requests({good, kHidden});
        CHECK_FALSE(t.error);
        CHECK(t.messages.size() == 2);
    }
}

}  // namespace smuggling_test
