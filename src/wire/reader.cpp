#include "wire/reader.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "text/json_require.h"

namespace hearth::wire {

std::string Path::text() const {
    std::string before = up != nullptr ? up->text() : std::string{};
    if (index >= 0) return fmt::format("{}[{}]", before, index);
    if (key.empty()) return before;
    return before.empty() ? std::string(key) : fmt::format("{}.{}", before, key);
}

bool Reader::fail(const Path& path, std::string message, Code code) {
    Error made;
    made.code = code;
    made.message = std::move(message);
    made.param = path.text();
    error = std::move(made);
    return false;
}

bool Reader::wrong_type(json::Value found, std::string_view expected, const Path& path) {
    error = json::wrong_type(found, expected, path.text());
    return false;
}

bool Reader::missing(const Path& path) {
    error = json::missing_field(path.text());
    return false;
}

bool Reader::string(json::Value value, const Path& path, std::string& out) {
    if (value.is_string()) {
        out = value.as_string();
        return true;
    }
    return !value || value.is_null() ? true : wrong_type(value, "string", path);
}

bool Reader::string(json::Value value, const Path& path, std::optional<std::string>& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_string()) return wrong_type(value, "string", path);
    out = std::string(value.as_string());
    return true;
}

bool Reader::boolean(json::Value value, const Path& path, bool& out) {
    std::optional<bool> found;
    if (!boolean(value, path, found)) return false;
    if (found) out = *found;
    return true;
}

bool Reader::boolean(json::Value value, const Path& path, std::optional<bool>& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_bool()) return wrong_type(value, "boolean", path);
    out = value.as_bool();
    return true;
}

bool Reader::integer(json::Value value, const Path& path, std::optional<std::int64_t>& out, IntRange range) {
    if (!value || value.is_null()) return true;
    const auto found = value.as_int();
    if (!found) return wrong_type(value, "integer", path);
    if (*found < range.min) {
        return fail(path,
                    fmt::format("'{}' is {}, but must be at least {}.", path.text(), *found, range.min));
    }
    if (*found > range.max) {
        return fail(path, fmt::format("'{}' is {}, but must be at most {}.", path.text(), *found, range.max));
    }
    out = found;
    return true;
}

bool Reader::integer(json::Value value, const Path& path, std::int64_t& out, IntRange range) {
    std::optional<std::int64_t> found;
    if (!integer(value, path, found, range)) return false;
    if (found) out = *found;
    return true;
}

bool Reader::real(json::Value value, const Path& path, std::optional<double>& out, double min, double max) {
    if (!value || value.is_null()) return true;
    const auto found = value.as_double();
    if (!found) return wrong_type(value, "number", path);
    if (*found < min || *found > max) {
        return fail(path,
                    fmt::format("'{}' is {}, but must be between {} and {}.", path.text(), *found, min, max));
    }
    out = found;
    return true;
}

bool Reader::object_text(json::Value value, const Path& path, std::string& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_object()) return wrong_type(value, "object", path);
    out = value.raw();
    return true;
}

bool Reader::name(json::Value value, const Path& path, std::string& out) {
    if (!value) return missing(path);
    if (!value.is_string()) return wrong_type(value, "string", path);
    if (value.as_string().empty()) return fail(path, fmt::format("'{}' must not be empty.", path.text()));
    out = value.as_string();
    return true;
}

bool Reader::object(json::Value value, const Path& path) {
    if (!value) return missing(path);
    return value.is_object() ? true : wrong_type(value, "object", path);
}

bool Reader::tool_name(json::Value value, const Path& path, std::string& out) {
    if (!name(value, path, out)) return false;
    if (out.size() <= kNameBytes) return true;
    return fail(path,
                fmt::format("'{}' has {} bytes, but may have {}.", path.text(), out.size(), kNameBytes));
}

bool Reader::model(json::Value value, const Path& path, std::string& out) {
    if (!string(value, path, out)) return false;
    if (out.size() <= limits::kModelNameBytes) return true;
    return fail(path, fmt::format("'{}' has {} bytes, but may have {}.", path.text(), out.size(),
                                  limits::kModelNameBytes));
}

bool Reader::user(Value value, const Path& path, std::string_view key, std::string& out) {
    std::string text;
    if (!string(value, path, text)) return false;
    if (!text.empty() && (key == "safety_identifier" || out.empty())) out = std::move(text);
    return true;
}

bool Reader::stops(json::Value value, const Path& path, bool one, std::vector<std::string>& out) {
    if (!value || value.is_null()) return true;
    if (one && value.is_string()) {
        if (!value.as_string().empty()) out.emplace_back(value.as_string());
        return true;
    }
    if (!value.is_array())
        return wrong_type(value, one ? "string or an array of strings" : "array of strings", path);
    if (value.size() > limits::kStops) {
        return fail(path, fmt::format("'{}' has {} entries, but may have {}.", path.text(), value.size(),
                                      limits::kStops));
    }
    std::size_t index = 0;
    for (const json::Value stop : value.elements()) {
        const Path at = path.at(index++);
        if (!stop.is_string()) return wrong_type(stop, "string", at);
        if (!stop.as_string().empty()) out.emplace_back(stop.as_string());
    }
    return true;
}

std::string listed(std::span<const std::string_view> values) {
    std::string out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += i + 1 == values.size() ? " and " : ", ";
        out += fmt::format("'{}'", values[i]);
    }
    return out;
}

void keep(std::vector<exchange::RawField>& extra, std::string_view within, const json::Member& member) {
    std::string key(within);
    if (!within.empty() || member.key().find('.') != std::string_view::npos) key += '.';
    key += member.key();
    extra.push_back({std::move(key), std::string(member.value.raw())});
}

std::string_view object_of(const exchange::RawField& field) {
    const auto dot = field.key.find('.');
    return dot == std::string::npos ? std::string_view{} : std::string_view(field.key).substr(0, dot);
}

std::string_view key_of(const exchange::RawField& field) {
    const auto dot = field.key.find('.');
    return dot == std::string::npos ? std::string_view(field.key)
                                    : std::string_view(field.key).substr(dot + 1);
}

void keep_unknown(std::vector<exchange::RawField>& extra, json::Value object, std::string_view within,
                  std::initializer_list<std::string_view> known) {
    for (const json::Member member : object.members()) {
        if (std::find(known.begin(), known.end(), member.key()) == known.end()) keep(extra, within, member);
    }
}

}  // namespace hearth::wire
