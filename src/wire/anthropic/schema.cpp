#include "wire/anthropic/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fnv1a.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::wire::anthropic {

namespace {

using json::Value;

constexpr std::string_view kIds = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

bool is_object_schema(Value schema) {
    const Value type = schema["type"];
    if (type.as_string() == "object" || schema["properties"].is_object()) return true;
    for (const Value one : type.elements()) {
        if (one.as_string() == "object") return true;
    }
    return false;
}

// Keywords that are rejected in a schema of output_config; they go into the description instead.
constexpr std::string_view kBounds[] = {
    "minimum",   "maximum",  "exclusiveMinimum", "exclusiveMaximum", "multipleOf",   "minLength",
    "maxLength", "maxItems", "minProperties",    "uniqueItems",      "maxProperties"};

bool is_bound(const json::Member& member) {
    if (member.key() == "minItems") return member.value.as_int().value_or(2) > 1;  // 0 and 1 are known
    return std::ranges::find(kBounds, member.key()) != std::end(kBounds);
}

void say_bounds(json::Editor& editor, Value schema) {
    std::string said;
    for (const json::Member member : schema.members()) {
        if (!is_bound(member)) continue;
        said += fmt::format("{}{}: {}", said.empty() ? "" : ", ", member.key(), member.value.raw());
        editor.remove(schema, member.key());
    }
    if (said.empty()) return;
    const auto before = schema["description"].as_string();
    const auto text = fmt::format("{}{}{{{}}}", before, before.empty() ? "" : "\n\n", said);
    editor.set(schema, "description", json::quoted(text));
}

// Bounded by the parser's depth.
void close(json::Editor& editor, Value schema) {
    if (!schema.is_object()) return;
    say_bounds(editor, schema);
    if (is_object_schema(schema) && schema["additionalProperties"].as_bool() != false)
        editor.set(schema, "additionalProperties", "false");
    for (const auto* key : {"properties", "$defs", "definitions"}) {
        for (const json::Member member : schema[key].members()) close(editor, member.value);
    }
    for (const auto* key : {"anyOf", "oneOf", "allOf", "prefixItems"}) {
        for (const Value one : schema[key].elements()) close(editor, one);
    }
    close(editor, schema["items"]);
}

}  // namespace

std::string closed_schema(std::string_view schema) {
    json::Document document;
    const auto root = document.parse(schema);
    if (!root || !root->is_object()) return std::string(schema);
    json::Editor editor(document);
    close(editor, *root);
    return editor.apply();
}

std::string input_schema(std::string_view schema) {
    json::Document document;
    const auto root = document.parse(schema);
    if (!root || !root->is_object()) return R"({"type":"object","properties":{}})";
    if ((*root)["type"]) return std::string(schema);
    json::Editor editor(document);
    editor.insert_first(*root, "type", R"("object")");
    return editor.apply();
}

std::string input_object(std::string_view arguments) {
    if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) return "{}";
    json::Document document;
    const auto root = document.parse(arguments);
    if (root && root->is_object()) return std::string(root->raw());
    std::string out;
    json::Writer w(out);
    w.begin_object().member("input", arguments).end_object();
    return out;
}

std::string input_as_answered(std::string_view arguments) {
    json::Document document;
    const auto root = document.parse(arguments);
    if (arguments.empty() || (root && root->is_object())) return input_object(arguments);
    std::string out;
    json::append_string(out, arguments);
    return out;
}

std::string tool_id(std::string_view id) {
    if (!id.empty() && id.find_first_not_of(kIds) == std::string_view::npos) return std::string(id);
    std::string out(id);
    std::ranges::replace_if(out, [](char c) { return kIds.find(c) == std::string_view::npos; }, '_');
    return fmt::format("{}_{:016x}", out, fnv1a(id));
}

}  // namespace hearth::wire::anthropic
