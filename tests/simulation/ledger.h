#pragma once
// The SQLite ledger, watched: refuses what the scenario says, and writes down what was committed.
#include "ledger/ledger.h"
#include "log.h"
#include "net/loop.h"

namespace hearth::simulation {

class Ledger final : public ledger::Ledger {
  public:
    Ledger(ledger::Ledger& real, SimulatedClock& clock) : real_(real), clock_(clock) {}
    void begin_scenario(const Scenario& scenario, Log& log) {
        scenario_ = &scenario;
        log_ = &log;
        routes_ = 0;
    }

    Task<Result<ledger::Begun>> begin(const ledger::Intent& intent) override;
    Task<Result<ledger::Kept>> reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                       const ledger::Route& next) override;
    Task<Result<ledger::Kept>> settle(const ledger::Settlement& settlement) override;
    Task<Result<ledger::Begun>> record(const ledger::Intent& intent,
                                       const ledger::Settlement& settlement) override;
    Task<Result<std::vector<ledger::Entry>>> recent(const ledger::Query& query) override;
    [[nodiscard]] ledger::Health health() const override { return real_.health(); }

    // Planted: a settlement is forgotten; an attempt's cost is dropped.
    bool forget_settlement = false, drop_cost = false;

  private:
    [[nodiscard]] bool refuses(const ledger::Route& to);
    ledger::Ledger& real_;
    SimulatedClock& clock_;
    const Scenario* scenario_ = nullptr;
    Log* log_ = nullptr;
    std::size_t routes_ = 0;  // acts whose row was asked for
};

}  // namespace hearth::simulation
