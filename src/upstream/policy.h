#pragma once
#include "config/config.h"
#include "privacy/gate.h"

namespace hearth::upstream {

// [policy], [projects.*] and [providers.*] policy of the configuration as the gate's rules.
[[nodiscard]] privacy::Policy policy_of(const config::Config& config);

}  // namespace hearth::upstream
