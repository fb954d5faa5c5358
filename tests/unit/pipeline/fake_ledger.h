#pragma once
// A ledger in memory that records its calls, and refuses what a test says.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace hearth::test {

class FakeLedger final : public ledger::Ledger {
  public:
    explicit FakeLedger(std::vector<std::string>& trace) : trace_(trace) {}

    Task<Result<ledger::Begun>> begin(const ledger::Intent& intent) override {
        trace_.push_back("begin " + intent.to.provider);
        if (refused_provider == intent.to.provider)
            co_return fail(Code::storage, "The ledger cannot be written.");
        entries.push_back({.id = static_cast<ledger::EntryId>(entries.size() + 1), .intent = intent});
        entries.back().settlement.status = ledger::Status::running;
        co_return ledger::Begun{entries.back().id};
    }
    Task<Result<ledger::Kept>> reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                       const ledger::Route& next) override {
        trace_.push_back("reroute " + next.provider);
        if (refused_provider == next.provider) co_return fail(Code::storage, "The ledger cannot be written.");
        auto& entry = entries.at(static_cast<std::size_t>(id - 1));
        entry.attempts.push_back(failed);
        entry.intent.to = next;
        co_return ledger::Kept::committed;
    }
    Task<Result<ledger::Kept>> settle(const ledger::Settlement& settlement) override {
        trace_.emplace_back("settle");
        auto& entry = entries.at(static_cast<std::size_t>(settlement.id - 1));
        CHECK(entry.settlement.status == ledger::Status::running);  // once for each entry
        entry.settlement = settlement;
        co_return ledger::Kept::committed;
    }
    Task<Result<ledger::Begun>> record(const ledger::Intent& intent,
                                       const ledger::Settlement& settlement) override {
        trace_.emplace_back("record");
        entries.push_back({.id = static_cast<ledger::EntryId>(entries.size() + 1),
                           .intent = intent,
                           .settlement = settlement});
        co_return ledger::Begun{entries.back().id};
    }
    Task<Result<std::vector<ledger::Entry>>> recent(const ledger::Query&) override { co_return entries; }
    [[nodiscard]] ledger::Health health() const override { return {}; }

    [[nodiscard]] const ledger::Entry& only() const {
        REQUIRE(entries.size() == 1);
        return entries.front();
    }

    std::vector<ledger::Entry> entries;
    std::string refused_provider;  // no row can be written for it

  private:
    std::vector<std::string>& trace_;
};

}  // namespace hearth::test
