#pragma once
// Money is an integer count of nano-dollars: a price of $0.15 per million tokens is exactly 150 per token, and sums
// are exact. Unknown is std::nullopt, never zero.
#include <cstdint>
#include <optional>

namespace hearth {

using NanoUsd = std::int64_t;  // 1e-9 US dollars; the range is +-9.2 billion dollars

inline constexpr NanoUsd kNanoPerUsd = 1'000'000'000;

}  // namespace hearth
