#include "store/memory/store.h"

#include "store/memory/entries.h"

namespace hearth::store::memory {

namespace {

// Nothing here waits: an operation is done when its task is resumed for the first time.
class LoopLedger final : public ledger::Ledger {
  public:
    explicit LoopLedger(Entries& entries) : entries_(entries) {}

    Task<Result<ledger::Begun>> begin(const ledger::Intent& intent) override {
        co_return entries_.begin(intent);
    }
    Task<Result<ledger::Kept>> reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                       const ledger::Route& next) override {
        co_return entries_.reroute(id, failed, next);
    }
    Task<Result<ledger::Kept>> settle(const ledger::Settlement& settlement) override {
        co_return entries_.settle(settlement);
    }
    Task<Result<ledger::Begun>> record(const ledger::Intent& intent,
                                       const ledger::Settlement& settlement) override {
        co_return entries_.record(intent, settlement);
    }
    Task<Result<std::vector<ledger::Entry>>> recent(const ledger::Query& query) override {
        co_return entries_.recent(query);
    }
    [[nodiscard]] ledger::Health health() const override { return entries_.health(); }

  private:
    Entries& entries_;
};

class MemoryStore final : public Store {
  public:
    explicit MemoryStore(std::size_t max_settled) : entries_(max_settled) {}

    std::unique_ptr<ledger::Ledger> ledger_for(net::Loop&) override {
        return std::make_unique<LoopLedger>(entries_);
    }
    [[nodiscard]] ledger::Health health() const override { return entries_.health(); }
    Result<void> close() override {
        entries_.close();
        return {};
    }

  private:
    Entries entries_;
};

}  // namespace

Result<std::unique_ptr<Store>> open(const Options& options) {
    return std::make_unique<MemoryStore>(options.max_settled);
}

Result<std::vector<ledger::Entry>> read(const Options&, const ledger::Query&) {
    return fail(
        Code::unavailable,
        "The ledger is kept in memory ([ledger] store = \"memory\") and no Hearth is running, so there "
        "are no entries to read.");
}

Result<void> check(const Options&) {
    return {};
}

std::string location(const Options&) {
    return "in memory, until Hearth stops";
}

}  // namespace hearth::store::memory
