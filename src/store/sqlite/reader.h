#pragma once
// Queries on a connection of their own, opened for each: they are rare, and an idle connection costs memory.
#include <filesystem>
#include <vector>

#include "ledger/ledger.h"
#include "store/sqlite/database.h"

namespace hearth::store::sqlite {

// Blocks; meant for Loop::run_blocking. The references outlive the call.
struct Reading {
    const std::filesystem::path& path;
    const ledger::Query& query;
    [[nodiscard]] Result<std::vector<ledger::Entry>> operator()() const;
};

}  // namespace hearth::store::sqlite
