#include "engine/worker/stream_text.h"

#include <doctest/doctest.h>

using namespace hearth::engine;

namespace {
// The output when the text arrives in pieces of this many bytes.
std::string in_pieces(const std::vector<std::string>& stops, std::string_view text, std::size_t size,
                      bool* stopped = nullptr) {
    StreamText stream(stops);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size) out += stream.feed(text.substr(at, size));
    if (stopped) *stopped = stream.stopped();
    return out + stream.finish();
}
}  // namespace

TEST_CASE("a stop string is found across tokens and never sent") {
    for (std::size_t size = 1; size < 20; ++size) {
        bool stopped = false;
        CHECK(in_pieces({"</end>", "zzz"}, "abc</en</end>def", size, &stopped) == "abc</en");
        CHECK(stopped);
        CHECK(in_pieces({"</end>"}, "abc</en", size, &stopped) ==
              "abc</en");  // held until the end, then released
        CHECK_FALSE(stopped);
    }
}

TEST_CASE("text is held back only while it may become a stop string") {
    StreamText stream({"stop"});
    CHECK(stream.feed("ab s") == "ab ");
    CHECK(stream.feed("t") == "");
    CHECK(stream.feed("x") == "stx");
    CHECK(stream.feed("sto") == "");
    CHECK(stream.finish() == "sto");
}

TEST_CASE("the earliest of several stop strings applies, also when it overlaps itself") {
    CHECK(in_pieces({"b", "abc"}, "xxabc", 1) == "xxa");
    CHECK(in_pieces({"aab"}, "aaab", 1) == "a");
    CHECK(in_pieces({""}, "all of it", 3) == "all of it");
}

TEST_CASE("multi-byte characters are returned whole") {
    const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    for (std::size_t size = 1; size < 6; ++size) CHECK(in_pieces({}, text, size) == text);
    StreamText stream;
    CHECK(stream.feed("\xf0\x9f") == "");
    CHECK(stream.taken() == 0);
    CHECK(stream.feed("\x98\x80") == "\xf0\x9f\x98\x80");
    CHECK(stream.shown() == 4);
    CHECK(stream.feed("\xe2\x82") == "");
    CHECK(stream.finish() == "\xef\xbf\xbd");
}
