#include "cli/connect/json_edit.h"

#include <doctest/doctest.h>

#include "cli/connect/plan.h"

namespace connect_json_edit_test {

using namespace hearth;
using namespace hearth::cli::connect;

namespace {

std::string after(std::string_view text, const Place& place, std::string_view value) {
    const auto edited = set(text, place, value);
    REQUIRE(edited.has_value());
    return edited->text;
}

}  // namespace

TEST_CASE("json edit: a new setting follows the file's formatting") {
    CHECK(after("{}\n", {{"a"}}, "1") == "{\n  \"a\": 1\n}\n");
    CHECK(after("{\n    \"x\": 1\n}\n", {{"a"}, {"b"}}, "[1,2]") ==
          "{\n    \"x\": 1,\n    \"a\": {\n        \"b\": [\n            1,\n            2\n        ]\n    "
          "}\n}\n");
    CHECK(after("{\n\t\"x\": {\n\t\t\"y\": 1\n\t}\n}", {{"x"}, {"z"}}, "\"é\"") ==
          "{\n\t\"x\": {\n\t\t\"y\": 1,\n\t\t\"z\": \"é\"\n\t}\n}");
    CHECK(after("{\r\n  \"x\": 1\r\n}\r\n", {{"a"}}, "{\"b\":2}") ==
          "{\r\n  \"x\": 1,\r\n  \"a\": {\r\n    \"b\": 2\r\n  }\r\n}\r\n");
    CHECK(after("{\"x\": 1}", {{"a"}}, "{\"b\":[]}") == "{\"x\": 1, \"a\": {\"b\": []}}");
    CHECK(after("{\n  \"x\": {}\n}", {{"x"}, {"a"}}, "true") == "{\n  \"x\": {\n    \"a\": true\n  }\n}");
}

TEST_CASE("json edit: an existing value is replaced and reported") {
    const auto edited = set("{\n  \"a\": { \"b\" : 1 },\n  \"c\": 2\n}", {{"a"}, {"b"}}, "\"new\"");
    REQUIRE(edited.has_value());
    CHECK(edited->text == "{\n  \"a\": { \"b\" : \"new\" },\n  \"c\": 2\n}");
    CHECK(edited->had == "1");
    CHECK(edited->made == 2);
    // The same value in another format keeps its bytes.
    CHECK(after("{\"a\":   {\"b\":1  }}", {{"a"}}, "{\"b\":1}") == "{\"a\":   {\"b\":1  }}");
}

TEST_CASE("json edit: a list element is identified by one of its members") {
    const Place place = {{"list"}, {"Hearth", "name"}};
    const auto made = after("{}", place, R"({"name":"Hearth","n":1})");
    CHECK(made == "{\n  \"list\": [\n    {\n      \"name\": \"Hearth\",\n      \"n\": 1\n    }\n  ]\n}");
    const auto again = after(made, place, R"({"name":"Hearth","n":2})");
    CHECK(again == "{\n  \"list\": [\n    {\n      \"name\": \"Hearth\",\n      \"n\": 2\n    }\n  ]\n}");
    const auto other = after(again, {{"list"}, {"Other", "name"}}, R"({"name":"Other"})");
    CHECK(other.find("    },\n    {\n      \"name\": \"Other\"\n    }\n  ]") != std::string::npos);
}

TEST_CASE("json edit: removing a setting restores the original bytes") {
    constexpr std::string_view kTexts[] = {
        "{}",
        "{\n  \"x\": 1\n}\n",
        "{\"x\": 1}",
        "{\r\n\t\"x\": [1, 2],\r\n\t\"a\": {\r\n\t\t\"q\": null\r\n\t}\r\n}",
        "{\n  \"a\": {\n    \"q\": \"}\\\"{\"\n  },\n\n  \"x\"  :  1\n}",
    };
    const Place kPlaces[] = {{{"n"}}, {{"a"}, {"n"}}, {{"n"}, {"m"}, {"o"}}, {{"n"}, {"H", "name"}}};
    for (const auto text : kTexts) {
        for (const auto& place : kPlaces) {
            CAPTURE(text);
            CAPTURE(to_string(place));
            const auto edited = set(text, place, place.back().by.empty() ? "[1]" : R"({"name":"H"})");
            REQUIRE(edited.has_value());
            CHECK(edited->text != text);
            const auto back = remove(edited->text, place, edited->made);
            REQUIRE(back.has_value());
            CHECK(*back == text);
        }
    }
}

TEST_CASE("json edit: existing parents are kept, empty or not") {
    CHECK(remove("{\"a\": {\"b\": 1}}", {{"a"}, {"b"}}, 1) == "{\"a\": {}}");
    CHECK(remove("{\"a\": {\"b\": 1}}", {{"a"}, {"b"}}, 0) == "{}");
    CHECK(remove("{\"a\": {\"b\": 1, \"c\": 2}}", {{"a"}, {"b"}}, 0) == "{\"a\": {\"c\": 2}}");
    CHECK(remove("{\"a\": 1}", {{"b"}}, 0) == "{\"a\": 1}");
}

TEST_CASE("json edit: invalid JSON and parents of another type are rejected") {
    CHECK(set("{ // mine\n}", {{"a"}}, "1").error()->code == Code::invalid_request);
    const auto list = set("{\"a\": [1]}", {{"a"}, {"b"}}, "1");
    REQUIRE(!list.has_value());
    CHECK(list.error()->code == Code::conflict);
    CHECK(list.error()->message == "a is an array, but an object was expected");
    CHECK(set("[]", {{"a"}}, "1").error()->message == "the file is an array, but an object was expected");
    CHECK(set("{}", {{"H", "name"}}, "{}").error()->message ==
          "the file is an object, but a list was expected");
}

}  // namespace connect_json_edit_test
