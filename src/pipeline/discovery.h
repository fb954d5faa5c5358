#pragma once
// Local servers (Ollama, LM Studio, llama-server, vLLM): looked for at start and watched, so that their models can be
// named and chosen, and are dropped when their server goes.
#include "base/stop.h"
#include "base/task.h"
#include "pipeline/services.h"

namespace hearth::pipeline {

// One look at every enabled provider that is a local program.
[[nodiscard]] Task<void> look_for_local_servers(Services& services, StopToken stop);

// The same again and again, every kWatchInterval, until the token stops.
[[nodiscard]] Task<void> watch_local_servers(Services& services, StopToken stop);
inline constexpr seconds kWatchInterval{15};

}  // namespace hearth::pipeline
