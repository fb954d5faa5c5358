#pragma once
// What Hearth knows, as text for others: the model list of the OpenAI dialect and gauges for the metrics page.
#include <string>

#include "base/error.h"
#include "pipeline/services.h"

namespace hearth::pipeline {

// auto, local, cloud, then own models, then what other programs and ready providers offer. Models of providers without
// a key are left out: a client's menu shows only what would answer.
[[nodiscard]] std::string models_json(Services& services);
[[nodiscard]] Result<std::string> model_json(Services& services,
                                             const std::string& name);  // not_found, with the nearest

// Values that are asked for when somebody looks at /metrics: ledger, connections, workers, circuits.
void register_gauges(telemetry::Registry& registry, Services& services);

}  // namespace hearth::pipeline
