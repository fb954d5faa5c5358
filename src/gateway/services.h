#pragma once
// What the front door and everything behind it use beside the pipeline, wired together once by app/daemon.cpp. Outlives
// every request.
#include <functional>
#include <string>

#include "client/client.h"
#include "engine/supervisor/supervisor.h"
#include "gateway/access.h"
#include "models/store.h"
#include "pipeline/ports.h"
#include "telemetry/metrics.h"

namespace hearth::gateway {

struct Services {
    pipeline::Ports& ports;
    Access& access;
    client::Client& client;
    engine::Supervisor& supervisor;
    models::Store& store;
    telemetry::Registry& registry;               // what /metrics shows
    std::string instance;                        // random, names this process to its owner
    std::function<Task<void>()> refresh_models;  // reads the model store again

    [[nodiscard]] const config::Config& config() const { return ports.settings->config; }
};

}  // namespace hearth::gateway
