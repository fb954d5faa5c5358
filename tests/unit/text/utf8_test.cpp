#include "text/utf8.h"

#include <doctest/doctest.h>

namespace utf8_test {

using namespace hearth::text;

namespace {

struct Case {
    std::string_view bytes;
    std::optional<std::size_t> bad;
};
constexpr Case kCases[] = {
    {"", std::nullopt},
    {"plain", std::nullopt},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", std::nullopt},
    {"\xf4\x8f\xbf\xbf", std::nullopt},  // U+10FFFF
    {"ab\x80", 2},                       // a continuation alone
    {"\xc0\xaf", 0},                     // overlong '/'
    {"\xe0\x80\xaf", 0},                 // overlong in three bytes
    {"\xf0\x80\x80\xaf", 0},             // and in four
    {"x\xed\xa0\x80", 1},                // a surrogate
    {"\xf4\x90\x80\x80", 0},             // beyond U+10FFFF
    {"\xff", 0},
    {"abc\xe2\x82", 3},  // cut
};

}  // namespace

TEST_CASE("UTF-8: the offset of the first ill-formed byte is reported") {
    for (const auto& [bytes, bad] : kCases) {
        CAPTURE(printable(bytes));
        CHECK(is_utf8(bytes) == !bad.has_value());
        CHECK(first_bad_utf8(bytes) == bad);
    }
}

TEST_CASE("UTF-8: a stream split at every byte is reassembled, holding back at most three bytes") {
    const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    for (std::size_t i = 0; i <= text.size(); ++i) {
        for (std::size_t j = i; j <= text.size(); ++j) {
            Utf8Completer completer;
            std::string out;
            for (const auto& piece : {text.substr(0, i), text.substr(i, j - i), text.substr(j)}) {
                completer.feed(piece, out);
                CHECK(is_utf8(out));
                CHECK(completer.held().size() <= 3);
            }
            CHECK(completer.held().empty());
            CHECK(out == text);
        }
    }
}

TEST_CASE("UTF-8: replacement of ill-formed input does not depend on where it is split") {
    const std::string text =
        "a\xe2\x82"
        "b\xff\xf0\x9f\x98"
        "c\xed\xa0\x80\xe2";
    std::string whole;
    Utf8Completer at_once;
    at_once.feed(text, whole);
    at_once.flush(whole);
    // Table 3-8 of the Unicode standard: one replacement for a maximal run, one for each byte of a surrogate.
    const std::string r = "\xef\xbf\xbd";
    CHECK(whole == "a" + r + "b" + r + r + "c" + r + r + r + r);
    for (std::size_t i = 0; i <= text.size(); ++i) {
        std::string out;
        Utf8Completer completer;
        completer.feed(std::string_view(text).substr(0, i), out);
        completer.feed(std::string_view(text).substr(i), out);
        completer.flush(out);
        CHECK(out == whole);
    }
}

TEST_CASE("UTF-8: code points are encoded; invalid ones become U+FFFD") {
    const auto encoded = [](char32_t c) {
        std::string out;
        append_code_point(out, c);
        return out;
    };
    CHECK(encoded('A') == "A");
    CHECK(encoded(0x7ff) == "\xdf\xbf");
    CHECK(encoded(0x20ac) == "\xe2\x82\xac");
    CHECK(encoded(0x1f600) == "\xf0\x9f\x98\x80");
    CHECK(encoded(0xd800) == "\xef\xbf\xbd");
    CHECK(encoded(0x110000) == "\xef\xbf\xbd");
    for (char32_t c = 0; c <= 0x10ffff; c += 7) {
        const std::string text = encoded(c);
        REQUIRE(is_utf8(text));
    }
}

TEST_CASE("UTF-8: prefixes end between characters; printable() removes control characters") {
    const std::string_view euro = "x\xe2\x82\xac";
    CHECK(utf8_prefix(euro, 4) == euro);
    CHECK(utf8_prefix(euro, 3) == "x");
    CHECK(utf8_prefix(euro, 1) == "x");
    CHECK(utf8_prefix(euro, 0) == "");
    CHECK(printable("a\nb\x1b[31m") == "a?b?[31m");
    CHECK(printable("\xc2\x9b"
                    "31m") == "??31m");  // the C1 form of the same escape
    CHECK(printable("abcdef", 3) == "abc\xe2\x80\xa6");
    CHECK(is_utf8(printable("\xff\xfe\x80")));
}

}  // namespace utf8_test
