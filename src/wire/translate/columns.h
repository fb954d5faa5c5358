#pragma once
// Short names for the cells of the two tables of this folder. For its own sources.
#include "wire/translate/features.h"

namespace hearth::wire {

inline constexpr auto kNative = Support::native;
inline constexpr auto kMapped = Support::mapped;
inline constexpr auto kDropped = Support::dropped;
inline constexpr auto kRejected = Support::rejected;

}  // namespace hearth::wire
