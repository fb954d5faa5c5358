#include "text/json_writer.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <limits>

#include "unit/text/json_tree.h"

namespace json_writer_test {

using namespace hearth;

TEST_CASE("JSON writer: commas, escapes, numbers") {
    std::string out;
    json::Writer w(out);
    w.begin_object()
        .member("a", "q\"\\\n\x01\x7f")
        .member("n", -5)
        .member("u", std::numeric_limits<std::uint64_t>::max());
    w.member("d", 0.1)
        .member("t", true)
        .key("list")
        .begin_array()
        .integer(1)
        .null()
        .begin_array()
        .end_array()
        .begin_object();
    w.end_object()
        .end_array()
        .member_raw("raw", "[1, 2]")
        .member("e", 1e300)
        .key("nan")
        .real(NAN)
        .end_object();
    CHECK(out ==
          "{\"a\":\"q\\\"\\\\\\n\\u0001\x7f\",\"n\":-5,\"u\":18446744073709551615,\"d\":0.1,\"t\":true,"
          "\"list\":[1,null,[],{}],\"raw\":[1, 2],\"e\":1e+300,\"nan\":null}");
    CHECK(json::Document().parse(out));
}

TEST_CASE("JSON writer: bytes that are not UTF-8 still give valid JSON") {
    std::string out = "x";
    json::append_string(out, "ok \xff\xc3 \"end\" \xe2\x82");
    CHECK(out == "x\"ok \xef\xbf\xbd\xef\xbf\xbd \\\"end\\\" \xef\xbf\xbd\"");
}

TEST_CASE("JSON: parsing is the inverse of writing, and simdjson agrees") {
    CHECK(rc::check([] {
        const test::Tree tree = test::random_tree(4);
        const std::string text = test::written(tree);
        json::Document doc;
        const auto root = doc.parse(text);
        RC_ASSERT(root.has_value());
        RC_ASSERT(test::tree_of(*root) == tree);
        simdjson::dom::parser oracle;
        RC_ASSERT(oracle.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS);
    }));
}

namespace {

void compare_damaged(std::string text, int& refused, int& accepted) {
    static const std::string kBytes = "{}[],:\"\\u0d8eE-+.1tfn\n\x01\xc3\xff abcxyz /";
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        const std::size_t at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
        const char c = kBytes[*rc::gen::inRange<std::size_t>(0, kBytes.size())];
        if (at < text.size() && *rc::gen::arbitrary<bool>()) {
            text[at] = c;
        } else {
            text.insert(at, 1, c);
        }
    }
    json::Document doc;
    const auto ours = doc.parse(text);
    simdjson::dom::parser oracle;
    const auto theirs = oracle.parse(simdjson::padded_string(text)).error();
    // What simdjson 3.0.1 does differently: it takes the first of duplicate keys, and refuses numbers that do not fit
    // a double or a 64-bit integer.
    if (!ours && ours.error()->message.find("duplicate key") != std::string::npos) return;
    if (theirs == simdjson::NUMBER_ERROR && ours) return;
    ++(ours ? accepted : refused);
    RC_ASSERT(ours.has_value() == (theirs == simdjson::SUCCESS));
}

}  // namespace

TEST_CASE("JSON: damaged documents are rejected exactly when simdjson rejects them") {
    int refused = 0, accepted = 0;
    CHECK(rc::check([&] {
        const std::string original = test::written(test::random_tree(3));
        for (int round = 0; round < 20; ++round) compare_damaged(original, refused, accepted);
    }));
    CHECK(refused > 100);
    CHECK(accepted > 20);
}

}  // namespace json_writer_test
