// Schemas on their way to Google, whose own form knows no names for parts.
#include <doctest/doctest.h>

#include <string>

#include "wire/gemini/schema.h"

namespace gemini_schema_test {

using namespace hearth;
namespace gemini = hearth::wire::gemini;

TEST_CASE("references in a schema are inlined unless they are recursive") {
    const auto flat = [](std::string_view schema) {
        json::Document document;
        return gemini::without_names(*document.parse(schema));
    };
    CHECK(
        flat(
            R"({"type":"object","properties":{"p":{"$ref":"#/$defs/P"},"definitions":{"type":"string"}},)"
            R"("$defs":{"P":{"type":"array","items":{"$ref":"#/definitions/Q"}}},"definitions":{"Q":{"enum":["$ref"]}}})") ==
        R"({"type":"object","properties":{"p":{"type":"array","items":{"enum":["$ref"]}},"definitions":{"type":"string"}}})");
    CHECK(
        flat(
            R"({"properties":{"p":{"$ref":"#/$defs/P","description":"mine"}},"$defs":{"P":{"type":"string","description":"its"}}})") ==
        R"({"properties":{"p":{"type":"string","description":"mine"}}})");
    CHECK_FALSE(flat(R"({"$ref":"#/$defs/P","$defs":{"P":{"items":{"$ref":"#/$defs/P"}}}})"));
    CHECK_FALSE(flat(R"({"properties":{"p":{"$ref":"#/$defs/gone"}}})"));
    CHECK_FALSE(
        flat(R"({"properties":{"p":{"$ref":"#/$defs/P","minLength":1}},"$defs":{"P":{"type":"string"}}})"));
    // Names that multiply are stopped before they fill the memory.
    std::string bomb = R"({"$ref":"#/$defs/a0","$defs":{)";
    for (int i = 0; i < 20; ++i) {
        const auto next = R"({"$ref":"#/$defs/a)" + std::to_string(i + 1) + "\"}";
        bomb += (i > 0 ? ",\"a" : "\"a") + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]}";
    }
    CHECK_FALSE(flat(bomb + R"(,"a20":{"type":"string"}}})"));
}

}  // namespace gemini_schema_test
