#pragma once
// The tables of the ledger, their versions, and what a start does with them.
//
// entries: one row per request, inserted before its first byte leaves. outcomes: one row per settled request, with the
// entry's id; inserted, never updated, so that settling touches the last page of a table only. attempts: candidates
// that failed or were rejected before the last one, with what they used and cost. meta.settled_through: every entry up to this id has an outcome, so a start need not look before it.
// The view `ledger` joins them for people with a sqlite3 shell.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "store/sqlite/database.h"

namespace hearth::store::sqlite {

inline constexpr std::int64_t kSchemaVersion = 3;           // PRAGMA user_version
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
// What an attempt of version 1 or 2 cost, as an SQL expression over its row: those versions recorded no usage, so it is
// ledger::cost_without_usage().
inline constexpr std::string_view kCostBeforeVersion3 =
    "CASE WHEN place <> 'cloud' OR http_status >= 400 OR error NOT IN ('upstream_failed', "
    "'upstream_timeout', "
    "'upstream_broken', 'answer_rejected', 'cancelled') THEN 0 END";

// Gives every unsettled entry the outcome `interrupted`. Only while no process writes this ledger.
[[nodiscard]] Result<Recovered> recover(const Database& db);

}  // namespace hearth::store::sqlite
