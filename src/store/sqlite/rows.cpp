#include "store/sqlite/rows.h"

#include <algorithm>
#include <limits>

#include "store/sqlite/schema.h"

namespace hearth::store::sqlite {

namespace {

constexpr std::string_view kInsertEntry =
    "INSERT INTO entries (id, time, request_id, client, key, project, dialect, kind, stream, "
    "requested_model, provider, "
    "model, place, region, reason, estimated_input_tokens) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kInsertOutcome =
    "INSERT INTO outcomes (id, status, http_status, error, input_tokens, output_tokens, cached_input_tokens, "
    "cache_write_tokens, reasoning_tokens, cost_nano_usd, queue_us, first_token_us, total_us, finish, "
    "served_model, warnings) "
    "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kInsertAttempt =
    "INSERT INTO attempts (entry, number, provider, model, place, region, reason, started, duration_us, "
    "error, http_status, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, "
    "reasoning_tokens, cost_nano_usd, warnings) "
    "VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE entry = ?1), "
    "?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)";
constexpr std::string_view kMoveEntry =
    "UPDATE entries SET provider = ?2, model = ?3, place = ?4, region = ?5, reason = ?6 WHERE id = ?1";
constexpr std::string_view kSettledThrough = "UPDATE meta SET value = ?1 WHERE key = 'settled_through'";

// A ledger that is only read may be one of an older Hearth, without some columns.
constexpr std::string_view kWarnings = "o.warnings", kNoWarnings = "NULL";
constexpr std::string_view kRecentColumns = R"sql(
SELECT e.id, e.time, e.request_id, e.client, e.key, e.project, e.dialect, e.kind, e.stream, e.requested_model,
       e.provider, e.model, e.place, e.region, e.reason, e.estimated_input_tokens,
       o.status, o.http_status, o.error, o.input_tokens, o.output_tokens, o.cached_input_tokens,
       o.cache_write_tokens, o.reasoning_tokens, o.cost_nano_usd, o.queue_us, o.first_token_us, o.total_us,
       o.finish, o.served_model, )sql";
constexpr std::string_view kRecentRows = R"sql(
FROM entries e LEFT JOIN outcomes o ON o.id = e.id
WHERE e.id < ?1 AND (?3 = '' OR e.provider = ?3) AND (?4 = '' OR e.model = ?4) AND (?5 = '' OR e.project = ?5)
  AND (?6 = '' OR e.key = ?6) AND (?7 = '' OR e.request_id = ?7) AND (?8 = '' OR e.place = ?8)
  AND (?9 = '' OR coalesce(o.status, 'running') = ?9)
ORDER BY e.id DESC LIMIT ?2
)sql";
constexpr std::string_view kAttemptColumns =
    "SELECT provider, model, place, region, reason, started, duration_us, error, http_status, ";
constexpr std::string_view kAttemptBill =
    "input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_nano_usd, "
    "warnings";
constexpr std::string_view kAttemptRows = " FROM attempts WHERE entry = ?1 ORDER BY number";

std::optional<std::int64_t> count(const std::optional<ledger::microseconds>& duration) {
    if (!duration) return std::nullopt;
    return duration->count();
}
std::optional<ledger::microseconds> micros(std::optional<std::int64_t> count) {
    if (!count) return std::nullopt;
    return ledger::microseconds(*count);
}
Wall wall(std::int64_t ms) {
    return Wall(milliseconds(ms));
}

Code code_from(std::string_view name) {
    for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
        if (code_name(static_cast<Code>(i)) == name) return static_cast<Code>(i);
    }
    return Code::internal;
}

ledger::Route read_route(const Statement& row, int first) {
    return {.provider = row.text(first),
            .model = row.text(first + 1),
            .place = place_from(row.text(first + 2)).value_or(Place::cloud),
            .region = row.text(first + 3),
            .reason = row.text(first + 4)};
}

exchange::Usage read_usage(const Statement& row, int first) {
    return {.input = row.maybe(first),
            .output = row.maybe(first + 1),
            .cached_input = row.maybe(first + 2),
            .cache_write_input = row.maybe(first + 3),
            .reasoning_output = row.maybe(first + 4)};
}

void bind_usage(Statement& row, int first, const exchange::Usage& usage) {
    row.bind(first, usage.input)
        .bind(first + 1, usage.output)
        .bind(first + 2, usage.cached_input)
        .bind(first + 3, usage.cache_write_input)
        .bind(first + 4, usage.reasoning_output);
}

std::string text_of_lines(const std::vector<std::string>& warnings) {
    std::string text;
    for (const auto& line : ledger::as_lines(warnings)) text.append(text.empty() ? "" : "\n").append(line);
    return text;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

ledger::Entry read_entry(const Statement& row) {
    ledger::Entry entry;
    entry.id = row.integer(0);
    auto& intent = entry.intent;
    intent.time = wall(row.integer(1));
    intent.request_id = row.text(2);
    intent.client = row.text(3);
    intent.key = row.text(4);
    intent.project = row.text(5);
    intent.dialect = row.text(6);
    intent.kind = row.text(7);
    intent.stream = row.integer(8) != 0;
    intent.requested_model = row.text(9);
    intent.to = read_route(row, 10);
    intent.estimated_input_tokens = row.maybe(15);
    auto& settlement = entry.settlement;
    settlement.id = entry.id;
    const auto status = row.text(16);
    settlement.status = ledger::status_from(status).value_or(ledger::Status::running);
    settlement.http_status = static_cast<int>(row.integer(17));
    settlement.error = row.text(18);
    settlement.usage = read_usage(row, 19);
    settlement.cost = row.maybe(24);
    settlement.queue = micros(row.maybe(25));
    settlement.first_token = micros(row.maybe(26));
    settlement.total = micros(row.maybe(27));
    settlement.finish = row.text(28);
    settlement.served_model = row.text(29);
    settlement.warnings = lines_of(row.text(30));
    return entry;
}

Result<void> read_attempts(const Database& db, Statement& select, ledger::Entry& entry) {
    select.bind(1, entry.id);
    int code = SQLITE_ROW;
    while ((code = select.step()) == SQLITE_ROW) {
        entry.attempts.push_back({.to = read_route(select, 0),
                                  .started = wall(select.integer(5)),
                                  .duration = ledger::microseconds(select.integer(6)),
                                  .code = code_from(select.text(7)),
                                  .http_status = static_cast<int>(select.integer(8)),
                                  .usage = read_usage(select, 9),
                                  .cost = select.maybe(14),
                                  .warnings = lines_of(select.text(15))});
    }
    select.reset();
    if (code != SQLITE_DONE) return fail(db.failure());
    return {};
}

}  // namespace

Result<RowWriter> RowWriter::prepare(const Database& db) {
    RowWriter writer;
    const std::pair<Statement*, std::string_view> wanted[] = {
        {&writer.begin_, "BEGIN IMMEDIATE"}, {&writer.commit_, "COMMIT"},
        {&writer.rollback_, "ROLLBACK"},     {&writer.entry_, kInsertEntry},
        {&writer.outcome_, kInsertOutcome},  {&writer.attempt_, kInsertAttempt},
        {&writer.move_, kMoveEntry},         {&writer.settled_through_, kSettledThrough},
    };
    for (const auto& [statement, sql] : wanted) {
        auto prepared = db.prepare(sql);
        if (!prepared) return fail(std::move(prepared.error()));
        *statement = std::move(*prepared);
    }
    return writer;
}

int RowWriter::entry(ledger::EntryId id, const ledger::Intent& intent) {
    return entry_.bind(1, id)
        .bind(2, static_cast<std::int64_t>(intent.time.time_since_epoch().count()))
        .bind(3, intent.request_id)
        .bind_or_null(4, intent.client)
        .bind_or_null(5, intent.key)
        .bind_or_null(6, intent.project)
        .bind(7, intent.dialect)
        .bind(8, intent.kind)
        .bind(9, std::int64_t{intent.stream})
        .bind_or_null(10, intent.requested_model)
        .bind(11, intent.to.provider)
        .bind(12, intent.to.model)
        .bind(13, place_name(intent.to.place))
        .bind_or_null(14, intent.to.region)
        .bind_or_null(15, intent.to.reason)
        .bind(16, intent.estimated_input_tokens)
        .run();
}

int RowWriter::outcome(ledger::EntryId id, const ledger::Settlement& s) {
    const auto warnings = text_of_lines(s.warnings);
    bind_usage(outcome_, 5, s.usage);
    return outcome_.bind(1, id)
        .bind(2, ledger::status_name(s.status))
        .bind(3, std::int64_t{s.http_status})
        .bind_or_null(4, s.error)
        .bind(10, s.cost)
        .bind(11, count(s.queue))
        .bind(12, count(s.first_token))
        .bind(13, count(s.total))
        .bind_or_null(14, s.finish)
        .bind_or_null(15, s.served_model)
        .bind_or_null(16, warnings)
        .run();
}

int RowWriter::attempt(ledger::EntryId id, const ledger::Attempt& failed, const ledger::Route& next) {
    const auto warnings = text_of_lines(failed.warnings);
    bind_usage(attempt_, 11, failed.usage);
    const int code = attempt_.bind(1, id)
                         .bind(2, failed.to.provider)
                         .bind(3, failed.to.model)
                         .bind(4, place_name(failed.to.place))
                         .bind_or_null(5, failed.to.region)
                         .bind_or_null(6, failed.to.reason)
                         .bind(7, static_cast<std::int64_t>(failed.started.time_since_epoch().count()))
                         .bind(8, static_cast<std::int64_t>(failed.duration.count()))
                         .bind(9, code_name(failed.code))
                         .bind(10, std::int64_t{failed.http_status})
                         .bind(16, failed.cost)
                         .bind_or_null(17, warnings)
                         .run();
    if (code != SQLITE_DONE) return code;
    return move_.bind(1, id)
        .bind(2, next.provider)
        .bind(3, next.model)
        .bind(4, place_name(next.place))
        .bind_or_null(5, next.region)
        .bind_or_null(6, next.reason)
        .run();
}

int RowWriter::settled_through(ledger::EntryId id) {
    return settled_through_.bind(1, id).run();
}

namespace {

std::string select_attempts(std::int64_t version) {
    std::string sql(kAttemptColumns);
    if (version >= 3) {
        sql.append(kAttemptBill);
    } else {
        sql.append("NULL, NULL, NULL, NULL, NULL, ").append(kCostBeforeVersion3).append(", NULL");
    }
    return sql.append(kAttemptRows);
}

}  // namespace

Result<std::vector<ledger::Entry>> select_recent(const Database& db, const ledger::Query& query) {
    const auto version = db.integer("PRAGMA user_version");
    if (!version) return fail(version.error());
    std::string sql(kRecentColumns);
    sql.append(*version >= 2 ? kWarnings : kNoWarnings).append(kRecentRows);
    auto select = db.prepare(sql);
    if (!select) return fail(std::move(select.error()));
    auto attempts = db.prepare(select_attempts(*version));
    if (!attempts) return fail(std::move(attempts.error()));
    if (auto begun = db.execute("BEGIN"); !begun)
        return fail(std::move(begun.error()));  // one state for all rows

    const auto limit = std::clamp<std::size_t>(query.limit, 1, ledger::kMaxQuery);
    select->bind(1, query.before > 0 ? query.before : std::numeric_limits<std::int64_t>::max())
        .bind(2, static_cast<std::int64_t>(limit))
        .bind(3, query.provider)
        .bind(4, query.model)
        .bind(5, query.project)
        .bind(6, query.key)
        .bind(7, query.request_id)
        .bind(8, query.place ? place_name(*query.place) : std::string_view{""})
        .bind(9, query.status ? ledger::status_name(*query.status) : std::string_view{""});
    std::vector<ledger::Entry> entries;
    int code = SQLITE_ROW;
    while ((code = select->step()) == SQLITE_ROW) entries.push_back(read_entry(*select));
    if (code != SQLITE_DONE) return fail(db.failure());
    for (auto& entry : entries) {
        if (auto read = read_attempts(db, *attempts, entry); !read) return fail(std::move(read.error()));
    }
    return entries;  // the read transaction ends with the connection or the next statement's reset
}

}  // namespace hearth::store::sqlite
