#include "text/ndjson.h"

#include <doctest/doctest.h>

#include <vector>

namespace ndjson_test {

using namespace hearth;
using namespace hearth::text;

namespace {

std::vector<std::string> lines(LineDecoder& decoder, std::initializer_list<std::string_view> pieces) {
    std::vector<std::string> out;
    for (const auto piece : pieces) {
        const std::string copy(piece);
        decoder.feed(copy);
        std::string_view line;
        while (decoder.next(line).value()) out.emplace_back(line);
    }
    return out;
}

}  // namespace

TEST_CASE("NDJSON: the same lines however the input is split") {
    const std::string_view text = "{\"a\":1}\r\n\n{\"b\":2}\n\r\n{\"c\":3}\n";
    const std::vector<std::string> expected{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"};
    for (std::size_t i = 0; i <= text.size(); ++i) {
        for (std::size_t j = i; j <= text.size(); ++j) {
            LineDecoder decoder;
            REQUIRE(lines(decoder, {text.substr(0, i), text.substr(i, j - i), text.substr(j)}) == expected);
            CHECK(decoder.unfinished().empty());
        }
    }
}

TEST_CASE("NDJSON: a last line without LF is reported separately; a line in one piece is not copied") {
    LineDecoder decoder;
    const std::string_view text = "one\ntwo";
    decoder.feed(text);
    std::string_view line;
    REQUIRE(decoder.next(line).value());
    CHECK(line.data() == text.data());
    CHECK_FALSE(decoder.next(line).value());
    CHECK(decoder.unfinished() == "two");
}

TEST_CASE("NDJSON: a line over the limit is rejected") {
    LineDecoder decoder(4);
    std::string_view line;
    decoder.feed("1234\n");
    REQUIRE(decoder.next(line).value());
    decoder.feed("12345");
    const auto result = decoder.next(line);
    REQUIRE_FALSE(result);
    CHECK(result.error()->code == Code::upstream_broken);
    decoder.feed("1\n");
    CHECK_FALSE(decoder.next(line));
}

}  // namespace ndjson_test
