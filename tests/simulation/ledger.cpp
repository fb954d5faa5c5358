#include "ledger.h"

namespace hearth::simulation {

namespace {

// Real threads may work on a commit: simulated time stands still meanwhile.
class Hold {
  public:
    explicit Hold(SimulatedClock& clock) : clock_(clock) { clock_.hold(true); }
    ~Hold() { clock_.hold(false); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    SimulatedClock& clock_;
};

Failed cannot_write() {
    return fail(Code::storage, "The ledger cannot be written.");
}

}  // namespace

bool Ledger::refuses(const ledger::Route& to) {
    const auto provider = to.provider;
    for (const auto& act : scenario_->acts) {
        if (kUpstreams[static_cast<std::size_t>(act.upstream)].provider != provider) continue;
        return act.fault == Fault::ledger_refuses;
    }
    return false;
}

Task<Result<ledger::Begun>> Ledger::begin(const ledger::Intent& intent) {
    if (refuses(intent.to)) {
        ++log_->refusals;
        co_return cannot_write();
    }
    const Hold hold(clock_);
    auto begun = co_await real_.begin(intent);
    if (!begun) co_return begun;
    if (++log_->begins > 1) log_->fails("a second row was begun");
    log_->entry = begun->id;
    log_->intent = intent;
    co_return begun;
}

Task<Result<ledger::Kept>> Ledger::reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                           const ledger::Route& next) {
    if (refuses(next)) {
        ++log_->refusals;
        co_return cannot_write();
    }
    if (id != log_->entry) log_->fails("an attempt was recorded under another entry");
    if (log_->settlement) log_->fails("an attempt was recorded after the settlement");
    auto attempt = failed;
    if (drop_cost) attempt.cost = 0;
    const Hold hold(clock_);
    auto kept = co_await real_.reroute(id, attempt, next);
    log_->attempts.push_back(attempt);
    log_->intent.to = next;
    co_return kept;
}

Task<Result<ledger::Kept>> Ledger::settle(const ledger::Settlement& settlement) {
    if (forget_settlement) co_return ledger::Kept::committed;
    if (settlement.id != log_->entry) log_->fails("another entry was settled");
    if (++log_->settlements > 1) log_->fails("a request was settled twice");
    const bool refused = std::ranges::any_of(
        scenario_->acts, [](const Act& act) { return act.fault == Fault::settlement_refused; });
    const Hold hold(clock_);
    auto kept = co_await real_.settle(settlement);
    log_->settlement = settlement;
    if (refused) co_return cannot_write();  // what the pipeline is told; the answer must arrive all the same
    co_return kept;
}

Task<Result<ledger::Begun>> Ledger::record(const ledger::Intent& intent,
                                           const ledger::Settlement& settlement) {
    ++log_->records;
    const Hold hold(clock_);
    co_return co_await real_.record(intent, settlement);
}

Task<Result<std::vector<ledger::Entry>>> Ledger::recent(const ledger::Query& query) {
    const Hold hold(clock_);
    co_return co_await real_.recent(query);
}

}  // namespace hearth::simulation
