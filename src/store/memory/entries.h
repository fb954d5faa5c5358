#pragma once
// The rows of a ledger in memory, for all loops of a process.
#include <map>
#include <mutex>
#include <queue>
#include <vector>

#include "ledger/ledger.h"

namespace hearth::store::memory {

class Entries {
  public:
    explicit Entries(std::size_t max_settled) : max_settled_(max_settled) {}

    // As ledger::Ledger; any thread.
    [[nodiscard]] Result<ledger::Begun> begin(const ledger::Intent& intent);
    [[nodiscard]] Result<ledger::Kept> reroute(ledger::EntryId id, const ledger::Attempt& failed,
                                               const ledger::Route& next);
    [[nodiscard]] Result<ledger::Kept> settle(const ledger::Settlement& settlement);
    [[nodiscard]] Result<ledger::Begun> record(const ledger::Intent& intent,
                                               const ledger::Settlement& settlement);
    [[nodiscard]] Result<std::vector<ledger::Entry>> recent(const ledger::Query& query) const;
    [[nodiscard]] ledger::Health health() const;

    void close();

  private:
    using Lock = std::lock_guard<std::mutex>;
    using OldestFirst = std::priority_queue<ledger::EntryId, std::vector<ledger::EntryId>, std::greater<>>;

    // The caller holds the lock.
    [[nodiscard]] Result<void> count_operation();
    [[nodiscard]] Result<ledger::Entry*> find_unsettled(ledger::EntryId id);
    ledger::Entry& add(const ledger::Intent& intent);
    void finish(ledger::Entry& entry, const ledger::Settlement& settlement);

    const std::size_t max_settled_;
    mutable std::mutex mutex_;
    std::map<ledger::EntryId, ledger::Entry> entries_;
    OldestFirst settled_;  // ids of the entries that may be dropped
    ledger::EntryId last_id_ = 0;
    std::uint64_t operations_ = 0;
    bool closed_ = false;
};

}  // namespace hearth::store::memory
