#include "text/json_require.h"

#include <doctest/doctest.h>

namespace json_require_test {

using namespace hearth;

TEST_CASE("JSON fields: present, missing, null and of another type") {
    json::Document doc;
    const auto o = doc.parse(R"({"s":"x","i":5,"d":0.5,"b":true,"n":null,"a":[1],"o":{"k":1}})").value();
    CHECK(json::require_string(o, "s").value() == "x");
    CHECK(json::require_int(o, "i", {.min = 1, .max = 5}).value() == 5);
    CHECK(json::require_double(o, "i").value() == 5.0);
    CHECK(json::require_bool(o, "b").value());
    CHECK(json::require_array(o, "a").value().size() == 1);
    CHECK(json::require_object(o, "o").value()["k"].as_int() == 1);
    CHECK(json::optional_string(o, "s").value() == "x");
    CHECK(json::optional_string(o, "n").value() == std::nullopt);
    CHECK(json::optional_int(o, "absent").value() == std::nullopt);
    CHECK_FALSE(json::optional_array(o, "n").value());

    const auto wrong = json::require_string(o, "i", "messages[2]").error();
    CHECK(wrong->code == Code::invalid_request);
    CHECK(wrong->param == "messages[2].i");
    CHECK(wrong->message == "'messages[2].i' must be a string, but is an integer.");
    CHECK(json::require_string(o, "absent").error()->message == "'absent' is required.");
    CHECK(json::require_string(o, "n").error()->message == "'n' must be a string, but is null.");
    CHECK(json::require_int(o, "i", {.min = 6, .max = 9}).error()->message == "'i' must be between 6 and 9.");
    CHECK(json::require_int(o, "d").error()->param == "d");
    CHECK(json::optional_double(o, "d", {.min = 1}).error()->param == "d");
    CHECK(json::optional_bool(o, "s").error()->message == "'s' must be a boolean, but is a string.");
    CHECK(json::optional_object(o, "a").error()->param == "a");
    CHECK(json::index_path("messages", 3) == "messages[3]");
}

}  // namespace json_require_test
