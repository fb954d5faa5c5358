#include "wire/gemini/schema.h"

#include <algorithm>
#include <charconv>

#include "text/json_writer.h"
#include "wire/gemini/fields.h"

namespace hearth::wire::gemini {

namespace {

using json::Value;
using json::Writer;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

constexpr std::string_view kCounts[] = {"minItems",  "maxItems",      "minLength",
                                        "maxLength", "minProperties", "maxProperties"};
// Google's fields whose names a client may write in snake_case; all others are one word.
constexpr std::string_view kNames[] = {"minItems",      "maxItems",      "minLength", "maxLength",
                                       "minProperties", "maxProperties", "anyOf",     "propertyOrdering"};

std::string_view plain_name(std::string_view key) {
    const auto found = std::ranges::find_if(kNames, [&](auto name) { return is_field(key, name); });
    return found == std::end(kNames) ? key : *found;
}

void convert(Writer& w, Value schema);

void convert_map(Writer& w, Value map) {
    w.begin_object();
    for (const json::Member member : map.members()) {
        w.key(member.key());
        convert(w, member.value);
    }
    w.end_object();
}

void convert_list(Writer& w, Value list, bool nullable) {
    w.begin_array();
    for (const Value one : list.elements()) convert(w, one);
    if (nullable) w.raw(R"({"type":"null"})");
    w.end_array();
}

void convert_type(Writer& w, Value type, bool nullable) {
    if (!type.is_string()) {
        w.key("type").raw(type.raw());
        return;
    }
    const std::string name = lower(type.as_string());
    if (name == "type_unspecified") return;
    w.key("type");
    if (!nullable) {
        w.string(name);
    } else {
        w.begin_array().string(name).string("null").end_array();
    }
}

void convert_enum(Writer& w, Value values, bool nullable) {
    w.key("enum").begin_array();
    for (const Value one : values.elements()) w.raw(one.raw());
    if (nullable) w.null();
    w.end_array();
}

void convert_count(Writer& w, Value count) {
    const auto text = count.as_string();
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (count.is_string() && problem == std::errc{} && end == text.data() + text.size()) {
        w.integer(number);
    } else {
        w.raw(count.raw());
    }
}

void convert(Writer& w, Value schema) {
    if (!schema.is_object()) {
        w.raw(schema.raw());
        return;
    }
    const bool nullable = schema["nullable"].as_bool() == true;
    w.begin_object();
    for (const json::Member member : schema.members()) {
        const std::string_view name = plain_name(member.key());
        const Value value = member.value;
        if (name == "nullable" || name == "propertyOrdering") continue;
        if (name == "type") {
            convert_type(w, value, nullable);
        } else if (name == "enum" && value.is_array()) {
            convert_enum(w, value, nullable);
        } else if (name == "format" && value.as_string() == "enum") {
            continue;  // only says that `enum` is meant
        } else if (name == "properties" || name == "$defs" || name == "definitions") {
            w.key(name);
            value.is_object() ? convert_map(w, value) : static_cast<void>(w.raw(value.raw()));
        } else if (name == "items" || name == "additionalProperties") {
            w.key(name);
            convert(w, value);
        } else if (name == "anyOf" && value.is_array()) {
            w.key(name);
            convert_list(w, value, nullable && !schema["type"]);
        } else {
            w.key(name);
            const bool counts = std::ranges::find(kCounts, name) != std::end(kCounts);
            counts ? convert_count(w, value) : static_cast<void>(w.raw(value.raw()));
        }
    }
    w.end_object();
}

bool has_google_type(Value value) {
    const auto type = value["type"].as_string();
    if (!type.empty() && type.front() >= 'A' && type.front() <= 'Z') return true;
    for (const json::Member member : value.members()) {
        if (has_google_type(member.value)) return true;
    }
    for (const Value element : value.elements()) {
        if (has_google_type(element)) return true;
    }
    return false;
}

constexpr std::string_view kPlain[] = {"title",         "description", "nullable",  "maxItems",
                                       "minItems",      "minLength",   "maxLength", "minProperties",
                                       "maxProperties", "pattern",     "required",  "default",
                                       "example",       "minimum",     "maximum"};

bool is_type(Value type) {
    static constexpr std::string_view kTypes[] = {"string",  "number", "integer",
                                                  "boolean", "array",  "object"};
    return std::ranges::find(kTypes, type.as_string()) != std::end(kTypes);
}

// Of strings, Google's form knows only these two formats and refuses the others.
bool is_format(Value schema, Value format) {
    const auto name = format.as_string();
    if (schema["type"].as_string() == "string") return name == "date-time" || name == "enum";
    return name == "float" || name == "double" || name == "int32" || name == "int64";
}

bool fits_member(Value schema, const json::Member& member) {
    const std::string_view key = member.key();
    const Value value = member.value;
    if (key == "type") return is_type(value);
    if (key == "format") return is_format(schema, value);
    if (key == "items") return fits_google_schema(value);
    if (key == "enum") {
        return schema["type"].as_string() == "string" && value.is_array() &&
               std::ranges::all_of(value.elements(), [](Value one) { return one.is_string(); });
    }
    if (key == "anyOf") {
        return value.is_array() && std::ranges::all_of(value.elements(), fits_google_schema);
    }
    if (key == "properties") {
        return value.size() > 0 && std::ranges::all_of(value.members(), [](const json::Member& one) {
                   return fits_google_schema(one.value);
               });
    }
    return std::ranges::find(kPlain, key) != std::end(kPlain);
}

}  // namespace

std::string to_json_schema(Value schema) {
    std::string out;
    Writer w(out);
    convert(w, schema);
    return out;
}

std::string plain_json_schema(Value schema) {
    return has_google_type(schema) ? to_json_schema(schema) : std::string(schema.raw());
}

bool fits_google_schema(Value schema) {
    if (!schema.is_object()) return false;
    const auto type = schema["type"].as_string();
    if (type == "object" && !schema["properties"])
        return false;  // refused: "should be non-empty for OBJECT type"
    if (type == "array" && !schema["items"]) return false;
    if (type.empty() && !schema["anyOf"]) return false;
    return std::ranges::all_of(schema.members(),
                               [&](const json::Member& member) { return fits_member(schema, member); });
}

std::string without_dialect(Value schema) {
    std::string out;
    Writer w(out);
    w.begin_object();
    for (const json::Member member : schema.members()) {
        if (member.key() != "$schema") w.key(member.key()).raw(member.value.raw());
    }
    w.end_object();
    return out;
}

bool is_empty_object(Value schema) {
    const auto type = schema["type"].as_string();
    if (!schema.is_object() || (type != "object" && !type.empty())) return false;
    return std::ranges::all_of(schema.members(), [](const json::Member& member) {
        const auto key = member.key();
        return key == "type" || key == "$schema" ||
               (key == "additionalProperties" && member.value.as_bool() == false) ||
               ((key == "properties" || key == "required") && member.value.size() == 0);
    });
}

}  // namespace hearth::wire::gemini
