#pragma once
// The production pipeline with simulated ports: settings and providers as a configuration makes them, the SQLite store on
// a disk of its own, a clock that jumps, upstreams and an engine that follow a script.
#include <filesystem>

#include "engine.h"
#include "exchange.h"
#include "ledger.h"
#include "network.h"
#include "pipeline/pipeline.h"
#include "store/sqlite/store.h"

namespace hearth::simulation {

// What is broken on purpose, to see that the checks find it.
enum class Plant : std::uint8_t { none, settlement, report, bytes, cost, content };

class World {
  public:
    World();
    ~World();
    // Runs one scenario to its end and returns what happened, with every broken promise.
    [[nodiscard]] Log run(const Scenario& scenario, Plant plant = Plant::none);
    // Whether the store holds what the ledger was told, for all scenarios since the last call. Empty: it does.
    [[nodiscard]] std::string compare_store();

  private:
    Task<void> play(const Scenario& scenario, Log& log, Plant plant, Rng& rng);

    std::filesystem::path folder_;
    SimulatedClock clock_{Wall(milliseconds(1'800'000'000'000))};
    net::Loop loop_;
    std::unique_ptr<store::sqlite::Store> store_;
    std::unique_ptr<ledger::Ledger> real_ledger_;
    telemetry::Registry registry_;
    ledger::PriceBook prices_;
    upstream::SettingsPtr settings_;
    Network network_;
    Engine engine_;
    Ledger ledger_;
    upstream::ModelDirectory directory_;
    pipeline::Metrics metrics_;
    std::vector<ledger::Entry> expected_;
};

}  // namespace hearth::simulation
