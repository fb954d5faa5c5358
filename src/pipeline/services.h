#pragma once
// What the road uses, wired together once by app/serve.cpp. References outlive every request.
#include <string>

#include "base/time.h"
#include "client/client.h"
#include "config/config.h"
#include "engine/supervisor/supervisor.h"
#include "ledger/ledger.h"
#include "ledger/prices.h"
#include "models/store.h"
#include "net/loop.h"
#include "pipeline/access.h"
#include "pipeline/health.h"
#include "pipeline/metrics.h"
#include "pipeline/world.h"
#include "privacy/gate.h"
#include "provider/provider.h"

namespace hearth::pipeline {

struct Services {
    net::Loop& loop;
    const config::Config& config;
    const privacy::Gate& gate;
    const provider::Registry& providers;
    const ledger::PriceBook& prices;
    client::Client& client;
    engine::Supervisor& supervisor;
    models::Store& store;
    ledger::Ledger& ledger;
    Access& access;
    World& world;
    Health& health;
    Metrics& metrics;
    telemetry::Registry& registry;  // what /metrics shows
    std::string instance;           // random, names this process in the loop check
};

}  // namespace hearth::pipeline
