#include "wire/openai_schema.h"

#include <algorithm>

#include "text/edit.h"
#include "text/json.h"

namespace hearth::wire {

namespace {

using json::Value;

bool requires_all(Value schema) {
    const Value required = schema["required"];
    return std::ranges::all_of(schema["properties"].members(), [&](const json::Member& member) {
        return std::ranges::any_of(required.elements(),
                                   [&](Value one) { return one.as_string() == member.key(); });
    });
}

// Bounded by the parser's depth.
bool is_strict(Value schema) {
    if (!schema.is_object()) return true;
    const bool object = schema["type"].as_string() == "object" || schema["properties"].is_object();
    if (object && (schema["additionalProperties"].as_bool() != false || !requires_all(schema))) return false;
    const auto strict_member = [](const json::Member& member) { return is_strict(member.value); };
    for (const auto* key : {"properties", "$defs", "definitions"}) {
        if (!std::ranges::all_of(schema[key].members(), strict_member)) return false;
    }
    for (const auto* key : {"anyOf", "oneOf", "allOf", "prefixItems"}) {
        if (!std::ranges::all_of(schema[key].elements(), is_strict)) return false;
    }
    return is_strict(schema["items"]);
}

}  // namespace

bool is_strict_schema(std::string_view schema) {
    json::Document document;
    const auto root = document.parse(schema);
    return root && root->is_object() && is_strict(*root);
}

std::string with_properties(std::string_view schema) {
    json::Document document;
    const auto root = document.parse(schema);
    if (!root || (*root)["type"].as_string() != "object" || (*root)["properties"]) return std::string(schema);
    json::Editor editor(document);
    editor.set(*root, "properties", "{}");
    return editor.apply();
}

}  // namespace hearth::wire
