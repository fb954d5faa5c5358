#pragma once
// For streams of local servers: one event's JSON, read even when a model's half character has got into it.
#include <string>
#include <string_view>

#include "text/json.h"

namespace hearth::wire::llama {

// The root, an object, or an invalid Value. Bytes that are not UTF-8 become U+FFFD in `repaired`, which the root then
// points into; it must outlive the root's use.
[[nodiscard]] json::Value parse_event(json::Document& document, std::string_view text, std::string& repaired);

}  // namespace hearth::wire::llama
