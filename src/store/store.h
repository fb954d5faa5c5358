#pragma once
// The port to a store: what Hearth needs of whatever keeps its ledger. A backend is one folder beside this file and one
// row in store/backends.cpp; tests/unit/store/contract_test.cpp and contract_life_test.cpp run the same test cases for each.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "ledger/ledger.h"
#include "net/loop.h"

namespace hearth::store {

enum class Synchronous : std::uint8_t {
    normal,  // a commit survives kill -9
    full,    // and a power cut
};

// A backend ignores what does not concern it.
struct Options {
    std::filesystem::path path;  // of a ledger on a disk; its folder must exist
    Synchronous synchronous = Synchronous::normal;
    std::size_t max_settled = limits::kLedgerInMemory;  // settled entries, of a ledger in memory
};

// An open store. Its destructor closes it.
class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    // The ledger as one loop uses it (ledger/ledger.h); destroy it before the loop and the store.
    [[nodiscard]] virtual std::unique_ptr<ledger::Ledger> ledger_for(net::Loop& loop) = 0;

    [[nodiscard]] virtual ledger::Health health() const = 0;  // any thread

    // Commits what was given and waits for it; once no wait is pending. Afterwards every call of its ledgers fails with
    // Code::storage. Error: Code::storage, some entries could not be written and are lost. A second call does nothing.
    [[nodiscard]] virtual Result<void> close() = 0;
};

// A way to keep the ledger.
struct Backend {
    std::string_view name;  // in [ledger] store
    bool durable;           // entries are there again after the next open

    // Creates what is missing, upgrades what is older, marks the entries of a dead process as interrupted. Errors:
    // Code::storage, Code::corrupt, each with a sentence that says what to do; nothing was changed.
    Result<std::unique_ptr<Store>> (*open)(const Options& options);

    // The same query as ledger::Ledger::recent() without a running Hearth. Blocks. A store that was never opened has no
    // entries; one that is not durable answers Code::unavailable.
    Result<std::vector<ledger::Entry>> (*read)(const Options& options, const ledger::Query& query);

    // Reads all of it and answers Code::corrupt with the first damage. Blocks.
    Result<void> (*check)(const Options& options);

    // Where entries are, for people: a path or a phrase.
    std::string (*location)(const Options& options);
};

}  // namespace hearth::store
