#pragma once
// The ledger in memory: for tests, and for machines that must not keep a record ([ledger] store = "memory"). It keeps
// every promise of ledger/ledger.h but one: "committed" lasts until the process ends. All entries that are not settled
// are kept, and the newest Options::max_settled of the others; older ones are dropped and no longer found.
#include "store/store.h"

namespace hearth::store::memory {

[[nodiscard]] Result<std::unique_ptr<Store>> open(const Options& options);
[[nodiscard]] Result<std::vector<ledger::Entry>> read(const Options& options, const ledger::Query& query);
[[nodiscard]] Result<void> check(const Options& options);
[[nodiscard]] std::string location(const Options& options);

inline constexpr Backend kBackend{
    .name = "memory", .durable = false, .open = open, .read = read, .check = check, .location = location};

}  // namespace hearth::store::memory
