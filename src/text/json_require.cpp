#include "text/json_require.h"

#include <fmt/format.h>

#include <utility>

namespace hearth::text::json {

std::string join_path(std::string_view at, std::string_view key) {
    if (at.empty()) return std::string(key);
    std::string path;
    path.reserve(at.size() + 1 + key.size());
    return path.append(at).append(1, '.').append(key);
}

std::string index_path(std::string_view at, std::size_t index) {
    return fmt::format("{}[{}]", at, index);
}

Error wrong_type(Value found, std::string_view expected, std::string path) {
    Error error;
    error.code = Code::invalid_request;
    error.message = fmt::format("'{}' must be {}, but is {}.", path, expected, kind_name(found.kind()));
    error.param = std::move(path);
    return error;
}

Error missing_field(std::string path) {
    Error error;
    error.code = Code::invalid_request;
    error.message = fmt::format("'{}' is required.", path);
    error.param = std::move(path);
    return error;
}

namespace {

// null counts as absent for optional fields, and as wrong for required ones.
Value present(Value object, std::string_view key) {
    const Value found = object.get(key);
    return found.is_null() ? Value{} : found;
}

Error absent(Value object, std::string_view key, std::string_view at, std::string_view expected) {
    const Value found = object.get(key);
    return found ? wrong_type(found, expected, join_path(at, key)) : missing_field(join_path(at, key));
}

Result<bool> to_bool(Value v, std::string_view key, std::string_view at) {
    if (const auto value = v.as_bool()) return *value;
    return fail(wrong_type(v, "a boolean", join_path(at, key)));
}
Result<std::string_view> to_string(Value v, std::string_view key, std::string_view at) {
    if (v.is_string()) return v.as_string();
    return fail(wrong_type(v, "a string", join_path(at, key)));
}
Result<std::int64_t> to_int(Value v, std::string_view key, IntBounds bounds, std::string_view at) {
    const auto value = v.as_int();
    if (!value) return fail(wrong_type(v, "an integer", join_path(at, key)));
    if (*value >= bounds.min && *value <= bounds.max) return *value;
    auto path = join_path(at, key);
    auto message = fmt::format("'{}' must be between {} and {}.", path, bounds.min, bounds.max);
    return fail(Code::invalid_request, message, path);
}
Result<double> to_double(Value v, std::string_view key, DoubleBounds bounds, std::string_view at) {
    const auto value = v.as_double();
    if (!value) return fail(wrong_type(v, "a number", join_path(at, key)));
    if (*value >= bounds.min && *value <= bounds.max) return *value;
    auto path = join_path(at, key);
    auto message = fmt::format("'{}' must be between {} and {}.", path, bounds.min, bounds.max);
    return fail(Code::invalid_request, message, path);
}
Result<Value> to_array(Value v, std::string_view key, std::string_view at) {
    if (v.is_array()) return v;
    return fail(wrong_type(v, "an array", join_path(at, key)));
}
Result<Value> to_object(Value v, std::string_view key, std::string_view at) {
    if (v.is_object()) return v;
    return fail(wrong_type(v, "an object", join_path(at, key)));
}

template <class T>
Result<std::optional<T>> optionally(Result<T> result) {
    if (!result) return fail(std::move(result.error()));
    return std::optional<T>(*result);
}

}  // namespace

Result<std::string_view> require_string(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return fail(absent(object, key, at, "a string"));
    return to_string(v, key, at);
}
Result<bool> require_bool(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return fail(absent(object, key, at, "a boolean"));
    return to_bool(v, key, at);
}
Result<std::int64_t> require_int(Value object, std::string_view key, IntBounds bounds, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return fail(absent(object, key, at, "an integer"));
    return to_int(v, key, bounds, at);
}
Result<double> require_double(Value object, std::string_view key, DoubleBounds bounds, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return fail(absent(object, key, at, "a number"));
    return to_double(v, key, bounds, at);
}
Result<Value> require_array(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return fail(absent(object, key, at, "an array"));
    return to_array(v, key, at);
}
Result<Value> require_object(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return fail(absent(object, key, at, "an object"));
    return to_object(v, key, at);
}

Result<std::optional<std::string_view>> optional_string(Value object, std::string_view key,
                                                        std::string_view at) {
    const Value v = present(object, key);
    if (!v) return std::nullopt;
    return optionally(to_string(v, key, at));
}
Result<std::optional<bool>> optional_bool(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return std::nullopt;
    return optionally(to_bool(v, key, at));
}
Result<std::optional<std::int64_t>> optional_int(Value object, std::string_view key, IntBounds bounds,
                                                 std::string_view at) {
    const Value v = present(object, key);
    if (!v) return std::nullopt;
    return optionally(to_int(v, key, bounds, at));
}
Result<std::optional<double>> optional_double(Value object, std::string_view key, DoubleBounds bounds,
                                              std::string_view at) {
    const Value v = present(object, key);
    if (!v) return std::nullopt;
    return optionally(to_double(v, key, bounds, at));
}
Result<Value> optional_array(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return Value{};
    return to_array(v, key, at);
}
Result<Value> optional_object(Value object, std::string_view key, std::string_view at) {
    const Value v = present(object, key);
    if (!v) return Value{};
    return to_object(v, key, at);
}

}  // namespace hearth::text::json
