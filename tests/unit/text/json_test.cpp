#include "text/json.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>

namespace json_test {

using namespace hearth;

namespace {

std::optional<Error> error_of(std::string_view text, const json::Limits& limits = {}) {
    json::Document document;
    auto result = document.parse(text, limits);
    if (result) return std::nullopt;
    return result.error();
}

}  // namespace

TEST_CASE("JSON: values of every kind, unescaped strings, exact numbers") {
    json::Document doc;
    const std::string_view text =
        R"( {"s":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","i":-9223372036854775808,"u":18446744073709551615,)"
        R"("big":18446744073709551616,"d":-1.5e3,"whole":3.0,"t":true,"f":false,"n":null,"a":[1,[2],{}],"o":{"k":[]}} )";
    const auto root = doc.parse(text).value();
    REQUIRE(root.is_object());
    CHECK(root.size() == 11);
    CHECK(root["s"].as_string() == "a\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80");
    CHECK(root["i"].as_int() == std::numeric_limits<std::int64_t>::min());
    CHECK(root["i"].kind() == json::Kind::integer);
    CHECK_FALSE(root["i"].as_uint());
    CHECK(root["u"].as_uint() == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(root["u"].as_int());
    CHECK(root["big"].kind() == json::Kind::real);
    CHECK_FALSE(root["big"].as_uint());
    CHECK(root["big"].raw() == "18446744073709551616");
    CHECK(root["d"].as_double() == -1500.0);
    CHECK(root["d"].as_int() == -1500);
    CHECK(root["whole"].as_int() == 3);
    CHECK(root["whole"].raw() == "3.0");
    CHECK(root["t"].as_bool() == true);
    CHECK(root["f"].as_bool() == false);
    CHECK(root["n"].is_null());
    CHECK(root["a"].size() == 3);
    CHECK(root["a"].at(1).at(0).as_int() == 2);
    CHECK_FALSE(root["a"].at(3));
    CHECK(root["o"]["k"].is_array());
    CHECK_FALSE(root["absent"]["deeper"].at(4));
    CHECK_FALSE(root["s"].as_int());
    CHECK(root["i"].as_string().empty());
}

TEST_CASE("JSON: ranges refer to the original bytes") {
    json::Document doc;
    const std::string text = "{ \"a\" : [ 1 , \"x\\n\" ] , \"b\":{}\n}";
    const auto root = doc.parse(text).value();
    CHECK(root.raw() == text);
    CHECK(root["a"].raw() == "[ 1 , \"x\\n\" ]");
    CHECK(root["a"].at(1).raw() == "\"x\\n\"");
    const auto member = root.find("a").value();
    CHECK(member.name.raw() == "\"a\"");
    CHECK(text.substr(member.range().offset, member.range().length) == "\"a\" : [ 1 , \"x\\n\" ]");
    std::string keys;
    for (const auto m : root.members()) keys += m.key();
    CHECK(keys == "ab");
    std::size_t elements = 0;
    for (const auto v : root["a"].elements()) elements += v.raw().size();
    CHECK(elements == 6);
    for (const auto v : root["b"].elements()) FAIL("no array: ", v.raw());
}

TEST_CASE("JSON: invalid documents are rejected with the byte offset") {
    const struct {
        std::string_view text;
        std::size_t byte;
    } bad[] = {
        {"", 0},
        {"  ", 2},
        {"nul", 0},
        {"truex", 4},
        {"TRUE", 0},
        {"+1", 0},
        {"01", 0},
        {"-", 0},
        {"-01", 0},
        {".5", 0},
        {"1.", 0},
        {"1e", 0},
        {"1e+", 0},
        {"0x10", 1},
        {"NaN", 0},
        {"Infinity", 0},
        {"1 2", 2},
        {"[1,]", 3},
        {"[,1]", 1},
        {"[1 2]", 3},
        {"[1", 2},
        {"[", 1},
        {"]", 0},
        {"[1}", 2},
        {"{", 1},
        {"{}}", 2},
        {"{a:1}", 1},
        {"{'a':1}", 1},
        {"{\"a\"}", 4},
        {"{\"a\":}", 5},
        {"{\"a\":1,}", 7},
        {"{\"a\":1 \"b\":2}", 7},
        {"{,}", 1},
        {"\"a", 0},
        {"\"a\n\"", 2},
        {"\"\t\"", 1},
        {R"("\x")", 1},
        {R"("\u12")", 1},
        {R"("\u12g4")", 1},
        {R"("\)", 1},
        {R"("\ud800")", 1},
        {R"("\udc00")", 1},
        {R"("\ud800\u0041")", 1},
        {R"("\ud800\ud800")", 1},
        {R"("\ud83dx")", 1},
        {"\"a\xff\"", 2},
        {"\"\xed\xa0\x80\"", 1},
        {"\"\xc0\xaf\"", 1},
        {"\xef\xbb\xbf{}", 0},
        {"/**/1", 0},
        {"[1]//", 3},
        {"{\"a\":1,\"a\":2}", 7},
        {R"({"a":1,"\u0061":2})", 7},
        {R"([{"x":{"a":1,"b":2,"a":3}}])", 19},
        {R"({"":1,"":2})", 6},
    };
    for (const auto& [text, byte] : bad) {
        CAPTURE(text);
        const auto error = error_of(text);
        REQUIRE(error);
        CHECK(error->code == Code::invalid_request);
        CHECK(error->message.find(fmt::format("(byte {})", byte)) != std::string::npos);
        INFO(error->message);
    }
    const std::string with_nul("[1]\0", 4);
    CHECK(error_of(with_nul));
    CHECK(error_of("[1,\n  x]")->message.find("line 2, column 3") != std::string::npos);
}

TEST_CASE("JSON: unusual but valid documents are accepted") {
    for (const std::string_view text :
         {"0", "-0", "1E5", "\"\"", "[]", "{}", " [ ] ", "\t\r\n{ }", "\"\x7f\"", "\"\\u0000\"", "1e999",
          R"({"a":{"a":1},"b":{"a":1}})", R"([{"a":1},{"a":1}])", "\"\xf4\x8f\xbf\xbf\""}) {
        CAPTURE(text);
        CHECK_FALSE(error_of(text));
    }
    json::Document doc;
    CHECK(doc.parse("\"\\u0000\"").value().as_string() == std::string_view("\0", 1));
    CHECK_FALSE(doc.parse("1e999").value().as_double());
}

TEST_CASE("JSON: a tape grows with its text; a reused large tape still obeys a smaller limit") {
    json::Document document;
    std::string text = "[0";
    for (int i = 1; i < 10'000; ++i) text += "," + std::to_string(i);
    text += "]";
    const auto root = document.parse(text);
    REQUIRE(root.has_value());
    CHECK(document.node_count() == 10'001);
    CHECK(root->at(9'999).as_int() == 9'999);
    CHECK(document.parse("[1,2,3]", {.nodes = 4}).has_value());
    CHECK(document.parse("[1,2,3]", {.nodes = 3}).error()->code == Code::too_large);
}

TEST_CASE("JSON: depth, nodes and bytes are limited") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK_FALSE(error_of(nested(limits::kJsonDepth)));
    CHECK(error_of(nested(limits::kJsonDepth + 1))->code == Code::invalid_request);
    CHECK(error_of(std::string(1'000'000, '[')));
    CHECK_FALSE(error_of("[1,2,3]", {.nodes = 4}));
    CHECK(error_of("[1,2,3]", {.nodes = 3})->code == Code::too_large);
    CHECK(error_of("[1,2,3]", {.bytes = 6})->code == Code::too_large);
}

TEST_CASE("JSON: duplicate keys are rejected in objects of any size") {
    for (const std::size_t count : {2u, 15u, 16u, 17u, 18u, 100u, 5000u}) {
        std::string text = "{";
        for (std::size_t i = 0; i < count; ++i)
            text += fmt::format("\"common-prefix-{}-common-suffix\":{},", i, i);
        const std::string good = text.substr(0, text.size() - 1) + "}";
        CHECK_FALSE(error_of(good));
        for (const std::size_t duplicate : {std::size_t{0}, count / 2, count - 1}) {
            const std::string bad =
                text + fmt::format("\"common-prefix-{}-common-\\u0073uffix\":0}}", duplicate);
            const auto error = error_of(bad);
            REQUIRE(error);
            CHECK(error->message.find(fmt::format("(byte {})", text.size())) != std::string::npos);
        }
    }
}

TEST_CASE("JSON: a document can be reused, values survive its move, parse_copy keeps the text") {
    json::Document doc;
    REQUIRE(doc.parse(R"({"a":"\n long enough to leave something behind"})"));
    REQUIRE_FALSE(doc.parse("{"));
    CHECK_FALSE(doc.root());
    std::string text = R"(["short \t"])";
    const auto root = doc.parse_copy(text).value();
    text.assign(text.size(), '#');
    json::Document moved = std::move(doc);
    CHECK(root.at(0).as_string() == "short \t");
    CHECK(moved.root().at(0).raw() == R"("short \t")");
    moved.clear(0);
    CHECK_FALSE(moved.root());
}

TEST_CASE("JSON: plain and escaped strings of every length around the scanner's step") {
    json::Document doc;
    for (std::size_t n = 0; n < 70; ++n) {
        const std::string plain(n, 'x');
        CHECK(doc.parse("\"" + plain + "\"").value().as_string() == plain);
        for (std::size_t at = 0; at <= n; ++at) {
            const std::string text = "\"" + plain.substr(0, at) + "\\n" + plain.substr(at) + "\"";
            REQUIRE(doc.parse(text).value().as_string() == plain.substr(0, at) + "\n" + plain.substr(at));
            const std::string control = "\"" + plain.substr(0, at) + "\x1f" + plain.substr(at) + "\"";
            REQUIRE_FALSE(doc.parse(control));
            const std::string euro = "\"" + plain.substr(0, at) + "\xe2\x82" + plain.substr(at) + "\"";
            REQUIRE_FALSE(doc.parse(euro));
        }
    }
}

}  // namespace json_test
