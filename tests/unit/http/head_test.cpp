#include "http/head.h"

#include <doctest/doctest.h>

namespace head_test {

using namespace hearth;

TEST_CASE("header lists: order is kept, names ignore case, tokens and numbers are parsed") {
    http::HeaderList list;
    list.append("Content-Type", "application/json");
    list.append("Via", "a");
    list.append("via", "b , Close");
    list.append("N", "42");
    list.append("M", "42x");
    CHECK(list.size() == 5);
    CHECK(list.get("CONTENT-type") == "application/json");
    CHECK(list.get("absent").empty());
    CHECK_FALSE(list.find("Content-Typ"));
    CHECK(list.find("via") == "a");
    CHECK(list.count("VIA") == 2);
    CHECK(list.has_token("via", "close"));
    CHECK_FALSE(list.has_token("via", "clos"));
    CHECK(list.find_number("n") == 42);
    CHECK_FALSE(list.find_number("m"));
    CHECK(list.remove("via") == 2);
    CHECK(list.size() == 3);
    CHECK(list[1].name == "N");
    list.set("n", "7");
    CHECK(list[2].value == "7");
    CHECK(list[2].name == "n");
    std::string names;
    for (const auto h : list) names.append(h.name).append(",");
    CHECK(names == "Content-Type,M,n,");
}

TEST_CASE("header lists: arguments may point into the list; a copy is independent") {
    http::HeaderList list;
    list.append("name", "value");
    for (int i = 0; i < 200; ++i) list.append(list[0].name, list[list.size() - 1].value);
    const http::HeaderList copy = list;
    list.clear();
    list.append("x", std::string(5000, 'y'));
    REQUIRE(copy.size() == 201);
    for (const auto h : copy) {
        REQUIRE(h.name == "name");
        REQUIRE(h.value == "value");
    }
}

TEST_CASE("valid and invalid field names and values") {
    CHECK(http::is_token("x-A_1.~"));
    for (const std::string_view bad : {"", "a b", "a:", "a\n", "\xc3\xa9", "a@b", "a\x7f"})
        CHECK_FALSE(http::is_token(bad));
    CHECK(http::is_field_value(""));
    CHECK(http::is_field_value("a\tb \xc3\xa9 and a tail that is longer than sixteen bytes\t"));
    for (std::size_t length = 1; length < 40; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            for (const char c : {'\n', '\r', '\0', '\x7f', '\x1f'}) {
                std::string text(length, 'a');
                text[at] = c;
                REQUIRE_FALSE(http::is_field_value(text));
            }
        }
    }
    CHECK(http::is_hop_by_hop("Keep-Alive"));
    CHECK(http::is_hop_by_hop("transfer-encoding"));
    CHECK_FALSE(http::is_hop_by_hop("content-length"));
}

TEST_CASE("request targets split into path and query") {
    http::RequestHead head;
    head.target = "/a/b?c=d?e";
    CHECK(head.path() == "/a/b");
    CHECK(head.query() == "c=d?e");
    head.target = "/a";
    CHECK(head.path() == "/a");
    CHECK(head.query().empty());
}

}  // namespace head_test
