#pragma once
// An embedding as most servers write it.
#include <string_view>
#include <vector>

#include "base/error.h"
#include "text/json.h"

namespace hearth::wire {

inline constexpr std::size_t kDimensions = std::size_t{1} << 20;  // of an embedding

// An array of at most kDimensions numbers. Errors: upstream_failed; with `no_array` when it is none or too long.
[[nodiscard]] Result<std::vector<float>> read_floats(json::Value value, std::string_view no_array);

}  // namespace hearth::wire
