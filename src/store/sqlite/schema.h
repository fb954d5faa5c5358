#pragma once
// The tables of the ledger, their versions, and what a start does with them.
//
// entries: one row per request, inserted before its first byte leaves. outcomes: one row per settled request, with the
// entry's id; inserted, never updated, so that settling touches the last page of a table only. attempts: destinations
// that failed. meta.settled_through: every entry up to this id has an outcome, so a start need not look before it.
// The view `ledger` joins them for people with a sqlite3 shell.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "store/sqlite/database.h"

namespace hearth::store::sqlite {

inline constexpr std::int64_t kSchemaVersion = 2;           // PRAGMA user_version
inline constexpr std::int64_t kApplicationId = 0x48727468;  // "Hrth", PRAGMA application_id

// A file up to this size is checked page by page at each start; a larger one by `hearth doctor`.
inline constexpr std::int64_t kCheckedBytes = 64 * 1024 * 1024;

// Refuses databases that are not a ledger (corrupt) or of a newer version (storage). Reads only; an empty one is fine.
[[nodiscard]] Result<void> check_identity(const Database& db, std::string_view path);

// The same, then creates or migrates in one transaction.
[[nodiscard]] Result<void> prepare_schema(const Database& db, std::string_view path);

// PRAGMA quick_check. Error: corrupt with its first finding.
[[nodiscard]] Result<void> quick_check(const Database& db, std::string_view path);

struct Recovered {
    std::int64_t last_id = 0;      // the newest entry
    std::int64_t interrupted = 0;  // entries that had no outcome and now have one
};
// Gives every unsettled entry the outcome `interrupted`. Only while no process writes this ledger.
[[nodiscard]] Result<Recovered> recover(const Database& db);

}  // namespace hearth::store::sqlite
