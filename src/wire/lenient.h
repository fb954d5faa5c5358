#pragma once
// One event of an upstream's stream as JSON, read even when a model's half character has got into it.
#include <string>
#include <string_view>

#include "text/json.h"

namespace hearth::wire {

// Without spaces and control characters at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// The root, or an invalid Value. Bytes that are not UTF-8 become U+FFFD in `repaired`, which the root then points into and
// which is empty otherwise; it must outlive the root's use.
[[nodiscard]] json::Value parse_event(json::Document& document, std::string_view text, std::string& repaired);

}  // namespace hearth::wire
