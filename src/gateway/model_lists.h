#pragma once
// What Hearth knows, as text for others: the list of models in each dialect's shape and gauges for the metrics page.
#include <string>

#include "base/error.h"
#include "gateway/services.h"

namespace hearth::gateway {

// A dialect's own format, or LM Studio's, which is no dialect.
enum class ListFormat : std::uint8_t { dialect, lmstudio };

// auto, local, cloud, then own models, then what other programs and ready providers offer. Models of providers without
// a key are left out: a client's menu shows only what would answer. A dialect without a format of its own gets OpenAI's.
[[nodiscard]] std::string models_json(Services& services, ListFormat format, exchange::Dialect dialect);
// Error: not_found, with the nearest.
[[nodiscard]] Result<std::string> model_json(Services& services, ListFormat format, exchange::Dialect dialect,
                                             const std::string& name);

// Values that are asked for when somebody looks at /metrics: ledger, connections, workers, circuits.
void register_gauges(telemetry::Registry& registry, Services& services);

}  // namespace hearth::gateway
