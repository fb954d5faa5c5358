#include "store/sqlite/schema.h"

#include <fmt/format.h>

namespace hearth::store::sqlite {

namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('settled_through', 0);

CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,            -- milliseconds since 1970, UTC
    request_id TEXT NOT NULL,
    client TEXT, key TEXT, project TEXT,
    dialect TEXT NOT NULL, kind TEXT NOT NULL, stream INTEGER NOT NULL,
    requested_model TEXT,
    provider TEXT NOT NULL, model TEXT NOT NULL, place TEXT NOT NULL, region TEXT, reason TEXT,
    estimated_input_tokens INTEGER
) STRICT;

CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,           -- of the entry
    status TEXT NOT NULL, http_status INTEGER, error TEXT,
    input_tokens INTEGER, output_tokens INTEGER,
    cached_input_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER,
    cost_nano_usd INTEGER,            -- NULL: unknown
    queue_us INTEGER, first_token_us INTEGER, total_us INTEGER,
    finish TEXT, served_model TEXT
) STRICT;

CREATE TABLE attempts (
    entry INTEGER NOT NULL, number INTEGER NOT NULL,
    provider TEXT NOT NULL, model TEXT NOT NULL, place TEXT NOT NULL, region TEXT, reason TEXT,
    started INTEGER NOT NULL, duration_us INTEGER NOT NULL,
    error TEXT NOT NULL, http_status INTEGER NOT NULL,
    PRIMARY KEY (entry, number)
) STRICT, WITHOUT ROWID;
)sql";

// What was lost between two dialects: lines, NULL when nothing was.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE outcomes ADD COLUMN warnings TEXT;
)sql";

// What an attempt used and cost, and its warnings. NULL: unknown.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE attempts ADD COLUMN input_tokens INTEGER;
ALTER TABLE attempts ADD COLUMN output_tokens INTEGER;
ALTER TABLE attempts ADD COLUMN cached_input_tokens INTEGER;
ALTER TABLE attempts ADD COLUMN cache_write_tokens INTEGER;
ALTER TABLE attempts ADD COLUMN reasoning_tokens INTEGER;
ALTER TABLE attempts ADD COLUMN cost_nano_usd INTEGER;
ALTER TABLE attempts ADD COLUMN warnings TEXT;
)sql";

// Holds nothing, so each version makes it anew.
constexpr const char* kView = R"sql(
DROP VIEW IF EXISTS ledger;
CREATE VIEW ledger AS
    WITH reported AS (  -- attempts; one that was not billed and reported nothing used no tokens
        SELECT *, CASE WHEN cost_nano_usd = 0 AND coalesce(input_tokens, output_tokens, cached_input_tokens,
                                                           cache_write_tokens, reasoning_tokens) IS NULL
                       THEN 0 END AS none
        FROM attempts
    ),
    failed AS (  -- a sum with an unknown part is unknown
        SELECT entry, count(*) AS number,
               CASE WHEN count(cost_nano_usd) = count(*) THEN sum(cost_nano_usd) END AS cost,
               CASE WHEN count(coalesce(input_tokens, none)) = count(*)
                    THEN sum(coalesce(input_tokens, none)) END AS input,
               CASE WHEN count(coalesce(output_tokens, none)) = count(*)
                    THEN sum(coalesce(output_tokens, none)) END AS output,
               sum(cached_input_tokens) AS cached_input
        FROM reported GROUP BY entry
    )
    SELECT e.id, strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1000.0, 'unixepoch') AS time, e.request_id, e.client, e.key,
           e.project, e.requested_model, e.provider, e.model, e.place, e.reason,
           coalesce(o.status, 'running') AS status, o.http_status, o.error,
           o.input_tokens + iif(f.entry IS NULL, 0, f.input) AS input_tokens,
           o.output_tokens + iif(f.entry IS NULL, 0, f.output) AS output_tokens,
           iif(coalesce(o.cached_input_tokens, f.cached_input) IS NULL, NULL,
               coalesce(o.cached_input_tokens, 0) + coalesce(f.cached_input, 0)) AS cached_input_tokens,
           o.cost_nano_usd + iif(f.entry IS NULL, 0, f.cost) AS cost_nano_usd, o.first_token_us / 1000.0 AS first_token_ms,
           o.total_us / 1000.0 AS total_ms,
           coalesce(f.number, 0) AS failed_attempts, o.warnings
    FROM entries e LEFT JOIN outcomes o ON o.id = e.id LEFT JOIN failed f ON f.entry = e.id;
)sql";

Result<void> migrate(const Database& db, std::int64_t version) {
    Result<void> done;
    if (version < 1) done = db.execute(kVersion1);
    if (done && version < 2) done = db.execute(kVersion2);
    if (done && version < 3) done = db.execute(kVersion3);
    if (done && version < 3) {
        done = db.execute(fmt::format("UPDATE attempts SET cost_nano_usd = {}", kCostBeforeVersion3).c_str());
    }
    if (done) done = db.execute(kView);
    return done;
}

Error not_ours(std::string_view path) {
    Error error;
    error.code = Code::corrupt;
    error.message = fmt::format(
        "{} is a SQLite database, but not a ledger of Hearth. Nothing was changed. Name another file with "
        "[ledger] path.",
        path);
    return error;
}

}  // namespace

Result<void> check_identity(const Database& db, std::string_view path) {
    const auto version = db.integer("PRAGMA user_version");
    if (!version) return fail(version.error());
    const auto application = db.integer("PRAGMA application_id");
    if (!application) return fail(application.error());
    const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
    if (!tables) return fail(tables.error());
    if (*tables > 0 && *application != kApplicationId) return fail(not_ours(path));
    if (*version > kSchemaVersion) {
        return fail(Code::storage,
                    fmt::format("The ledger {} was written by a newer Hearth (version {} of its tables, "
                                "this one knows {}). Use that Hearth, or name another file.",
                                path, *version, kSchemaVersion));
    }
    return {};
}

Result<void> prepare_schema(const Database& db, std::string_view path) {
    if (auto ours = check_identity(db, path); !ours) return ours;
    const auto version = db.integer("PRAGMA user_version");
    if (!version) return fail(version.error());
    if (*version == kSchemaVersion) return {};
    if (auto done = db.execute("BEGIN IMMEDIATE"); !done) return done;
    // One transaction: a ledger has the tables of one version, whenever the process dies.
    auto done = migrate(db, *version);
    if (done) done = db.execute("PRAGMA application_id = 0x48727468; PRAGMA user_version = 3; COMMIT");
    if (!done) (void)db.execute("ROLLBACK");
    return done;
}

Result<void> quick_check(const Database& db, std::string_view path) {
    auto finding = db.text("PRAGMA quick_check(1)");
    if (!finding) return fail(std::move(finding.error()));
    if (*finding == "ok") return {};
    return fail(storage_error(SQLITE_CORRUPT, *finding, path, 0));
}

Result<Recovered> recover(const Database& db) {
    Recovered recovered;
    if (auto done = db.execute("BEGIN IMMEDIATE"); !done) return fail(std::move(done.error()));
    auto done = db.execute(
        "INSERT INTO outcomes (id, status, error) SELECT e.id, 'interrupted', 'interrupted' FROM entries e "
        "WHERE e.id > (SELECT value FROM meta WHERE key = 'settled_through') "
        "AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.id = e.id)");
    if (done) {
        recovered.interrupted = sqlite3_changes64(db.handle());
        done = db.execute(
            "UPDATE meta SET value = (SELECT coalesce(max(id), 0) FROM entries) WHERE key = "
            "'settled_through'; COMMIT");
    }
    if (!done) {
        (void)db.execute("ROLLBACK");
        return fail(std::move(done.error()));
    }
    const auto last = db.integer("SELECT coalesce(max(id), 0) FROM entries");
    if (!last) return fail(last.error());
    recovered.last_id = *last;
    return recovered;
}

}  // namespace hearth::store::sqlite
