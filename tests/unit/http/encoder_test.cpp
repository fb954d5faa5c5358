#include "http/encoder.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/http/feed.h"

namespace encoder_test {

using namespace hearth;

TEST_CASE("encoder: heads and chunks are written as specified") {
    std::string out = "kept";
    http::HeadWriter w(out);
    w.status(429)
        .header("retry-after", "3")
        .date("Sun, 06 Nov 1994 08:49:37 GMT")
        .chunked()
        .content_length(12);
    REQUIRE(w.finish());
    CHECK(out ==
          "keptHTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
          "transfer-encoding: chunked\r\ncontent-length: 12\r\n\r\n");
    out.clear();
    REQUIRE(http::HeadWriter(out).request("GET", "/x").header("host", "h").finish());
    CHECK(out == "GET /x HTTP/1.1\r\nhost: h\r\n\r\n");
    out.clear();
    http::append_chunk(out, "");
    http::append_chunk(out, std::string(26, 'x'));
    CHECK(out == "1a\r\n" + std::string(26, 'x') + "\r\n");
}

TEST_CASE("encoder: names, values and targets that would inject headers are rejected") {
    const auto refused = [](auto write) {
        std::string out = "kept";
        http::HeadWriter w(out);
        write(w);
        const auto done = w.finish();
        CHECK(out == "kept");
        REQUIRE_FALSE(done);
        CHECK(done.error()->code == Code::internal);
    };
    for (const auto& bad : {std::string("a\r\nb"), std::string("a\nb"), std::string("a\rb"),
                            std::string("a\0b", 3), std::string("\x7f")}) {
        refused([&](auto& w) { w.status(200).header("x", bad); });
        refused([&](auto& w) { w.status(200).header(bad, "x").header("fine", "y"); });
        refused([&](auto& w) { w.status(200, bad); });
        refused([&](auto& w) { w.request("GET", bad); });
        refused([&](auto& w) { w.request(bad, "/"); });
    }
    refused([](auto& w) { w.status(200).header("", "x"); });
    refused([](auto& w) { w.status(200).header("a:b", "x"); });
    refused([](auto& w) { w.status(200).header("a b", "x"); });
    refused([](auto& w) { w.request("GET", ""); });
    refused([](auto& w) { w.request("GET", "/a b"); });
    refused([](auto& w) { w.status(99); });
}

TEST_CASE("encoder: decoding is the inverse of encoding for any fields and chunks") {
    CHECK(rc::check([] {
        http::ResponseHead head;
        head.status = *rc::gen::inRange(200, 600);
        head.reason = http::reason_phrase(head.status);
        const auto word = [](std::string_view alphabet, int least, int most) {
            std::string text;
            for (int n = *rc::gen::inRange(least, most); n > 0; --n)
                text += alphabet[*rc::gen::inRange<std::size_t>(0, alphabet.size())];
            return text;
        };
        for (int n = *rc::gen::inRange(0, 9); n > 0; --n) {
            head.headers.append("x-" + word("abcXYZ019!#$%&'*+-.^_`|~", 1, 12),
                                word("ab,;:=\"\\\xc3\xa9", 0, 30));
        }
        const bool body = head.status != 204 && head.status != 304;
        if (body) head.headers.append("Transfer-Encoding", "chunked");
        std::string out, expected;
        RC_ASSERT(http::append_response_head(out, head).has_value());
        for (int n = body ? *rc::gen::inRange(0, 5) : 0; n > 0; --n) {
            const auto chunk = *rc::gen::arbitrary<std::string>();
            http::append_chunk(out, chunk);
            expected += chunk;
        }
        if (body) out += http::kLastChunk;
        const std::size_t cut = *rc::gen::inRange<std::size_t>(0, out.size() + 1);
        const auto t =
            test::response({std::string_view(out).substr(0, cut), std::string_view(out).substr(cut)}, false);
        RC_ASSERT(!t.error);
        RC_ASSERT(t.messages.size() == 1u);
        RC_ASSERT(t.messages[0].head == test::describe(head));
        RC_ASSERT(t.messages[0].body == expected);
        RC_ASSERT(t.idle);
    }));
}

TEST_CASE("encoder: dates are formatted as in RFC 9110 section 5.6.7") {
    CHECK(http::format_http_date(Wall(milliseconds(784111777123))) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http::format_http_date(Wall(milliseconds(0))) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(http::format_http_date(Wall(milliseconds(1709164800000))) == "Thu, 29 Feb 2024 00:00:00 GMT");
}

}  // namespace encoder_test
