#pragma once
// Typed access to members with errors that a client can act on: Code::invalid_request, `param` set to the
// path of the field ("messages[2].role"). `at` is the path of the object itself ("messages[2]"), empty for
// the root.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "text/json.h"

namespace hearth::text::json {

// "a" + "b" = "a.b"; "" + "b" = "b".
[[nodiscard]] std::string join_path(std::string_view at, std::string_view key);
[[nodiscard]] std::string index_path(std::string_view at, std::size_t index);  // "messages[2]"

// The error itself, for callers with their own rules: "'messages[2].role' must be a string, but is a
// number."
[[nodiscard]] Error wrong_type(Value found, std::string_view expected, std::string path);
[[nodiscard]] Error missing_field(std::string path);

struct IntBounds {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};
struct DoubleBounds {
    double min = std::numeric_limits<double>::lowest();
    double max = std::numeric_limits<double>::max();
};

// Missing, null or of another type: an error.
[[nodiscard]] Result<std::string_view> require_string(Value object, std::string_view key,
                                                      std::string_view at = {});
[[nodiscard]] Result<bool> require_bool(Value object, std::string_view key, std::string_view at = {});
[[nodiscard]] Result<std::int64_t> require_int(Value object, std::string_view key, IntBounds bounds = {},
                                               std::string_view at = {});
[[nodiscard]] Result<double> require_double(Value object, std::string_view key, DoubleBounds bounds = {},
                                            std::string_view at = {});
[[nodiscard]] Result<Value> require_array(Value object, std::string_view key, std::string_view at = {});
[[nodiscard]] Result<Value> require_object(Value object, std::string_view key, std::string_view at = {});

// Missing or null: nullopt (for array and object: an invalid Value). Another type: an error.
[[nodiscard]] Result<std::optional<std::string_view>> optional_string(Value object, std::string_view key,
                                                                      std::string_view at = {});
[[nodiscard]] Result<std::optional<bool>> optional_bool(Value object, std::string_view key,
                                                        std::string_view at = {});
[[nodiscard]] Result<std::optional<std::int64_t>> optional_int(Value object, std::string_view key,
                                                               IntBounds bounds = {},
                                                               std::string_view at = {});
[[nodiscard]] Result<std::optional<double>> optional_double(Value object, std::string_view key,
                                                            DoubleBounds bounds = {},
                                                            std::string_view at = {});
[[nodiscard]] Result<Value> optional_array(Value object, std::string_view key, std::string_view at = {});
[[nodiscard]] Result<Value> optional_object(Value object, std::string_view key, std::string_view at = {});

}  // namespace hearth::text::json
