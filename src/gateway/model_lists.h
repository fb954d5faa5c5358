#pragma once
// What Hearth knows, as text for others: the list of models in each dialect's shape and gauges for the metrics page.
#include <string>

#include "base/error.h"
#include "gateway/services.h"

namespace hearth::gateway {

// Whose shape a list of models has.
enum class Listing : std::uint8_t { openai, anthropic, gemini, lmstudio };
[[nodiscard]] Listing listing_of(exchange::Dialect dialect);

// auto, local, cloud, then own models, then what other programs and ready providers offer. Models of providers without
// a key are left out: a client's menu shows only what would answer. For Anthropic's clients every model is there a second
// time under a name that begins with "claude" (ModelDirectory::resolve_alias).
[[nodiscard]] std::string models_json(Services& services, Listing listing);
[[nodiscard]] Result<std::string> model_json(Services& services, Listing listing,
                                             const std::string& name);  // not_found, with the nearest

// Values that are asked for when somebody looks at /metrics: ledger, connections, workers, circuits.
void register_gauges(telemetry::Registry& registry, Services& services);

}  // namespace hearth::gateway
