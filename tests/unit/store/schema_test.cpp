// Ledgers of earlier versions are read as they are and upgraded in place; the view shows what the program shows.
#include "store/sqlite/schema.h"

#include "unit/store/ledger_fixture.h"
#include "unit/store/other_program.h"

namespace schema_test {

using namespace hearth;
using namespace hearth::test;

namespace {

constexpr const char* kBackToVersion2 =
    "DROP VIEW ledger; ALTER TABLE attempts DROP COLUMN input_tokens; "
    "ALTER TABLE attempts DROP COLUMN output_tokens; ALTER TABLE attempts DROP COLUMN cached_input_tokens; "
    "ALTER TABLE attempts DROP COLUMN cache_write_tokens; ALTER TABLE attempts DROP COLUMN reasoning_tokens; "
    "ALTER TABLE attempts DROP COLUMN cost_nano_usd; ALTER TABLE attempts DROP COLUMN warnings; "
    "CREATE VIEW ledger AS SELECT 1; PRAGMA user_version = 2";
constexpr const char* kBackToVersion1 = "ALTER TABLE outcomes DROP COLUMN warnings; PRAGMA user_version = 1";

// One entry with one failed attempt.
void fail_over(Opened& db, const ledger::Attempt& failed) {
    const auto begun = db.begin(intent_to(Place::cloud));
    REQUIRE(begun);
    REQUIRE(await(db.loop, db.ledger->reroute(begun->id, failed, intent_to(Place::local).to)));
    REQUIRE(db.settle(
        {.id = begun->id, .usage = {.input = 1, .output = 2}, .cost = 3, .warnings = {"seed: not sent"}}));
}

// One attempt for each code, status and place.
void fill(const std::filesystem::path& path) {
    Opened db(path);
    for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
        for (const int status : {0, 200, 404, 500}) {
            for (const auto place : {Place::local, Place::lan, Place::cloud}) {
                fail_over(db, {.to = intent_to(place).to,
                               .code = static_cast<Code>(code),
                               .http_status = status,
                               .cost = 77});
            }
        }
    }
}

void check_old_costs(const std::vector<ledger::Entry>& entries) {
    REQUIRE(entries.size() == 12 * (static_cast<std::size_t>(Code::internal) + 1));
    std::size_t unknown = 0;
    for (const auto& entry : entries) {
        REQUIRE(entry.attempts.size() == 1);
        const auto& attempt = entry.attempts[0];
        CAPTURE(code_name(attempt.code));
        CAPTURE(attempt.http_status);
        CHECK(attempt.cost ==
              ledger::cost_without_usage(attempt.to.place, attempt.code, attempt.http_status));
        CHECK(entry.settlement.cost == 3);
        unknown += attempt.cost ? 0 : 1;
    }
    CHECK(unknown > 0);
    CHECK(unknown < entries.size() / 4);
}

}  // namespace

TEST_CASE("a ledger of version 2 is read as it is, and its attempts keep a known cost when it is upgraded") {
    Folder folder;
    fill(folder.ledger());
    OtherProgram(folder.ledger()).run(kBackToVersion2);
    check_old_costs(sq::read_recent(folder.ledger(), {.limit = ledger::kMaxQuery}).value());
    CHECK(OtherProgram(folder.ledger()).run("PRAGMA user_version").at(0).at(0) == "2");
    {
        Opened upgraded(folder.ledger());
        check_old_costs(upgraded.recent({.limit = ledger::kMaxQuery}));
        fail_over(upgraded, {.to = intent_to(Place::cloud).to, .cost = 44});
        CHECK(upgraded.recent({.limit = 1}).at(0).total_cost() == 47);
    }
    CHECK(OtherProgram(folder.ledger()).run("PRAGMA user_version").at(0).at(0) == "3");
    CHECK(sq::check(folder.ledger()));
}

TEST_CASE("a ledger of version 1 is read as it is, and upgraded when it is opened") {
    Folder folder;
    {
        Opened db(folder.ledger());
        fail_over(db, {.to = intent_to(Place::cloud).to, .code = Code::rate_limited, .http_status = 429});
    }
    OtherProgram(folder.ledger()).run(kBackToVersion2);
    OtherProgram(folder.ledger()).run(kBackToVersion1);
    const auto read = sq::read_recent(folder.ledger(), {});
    REQUIRE(read);
    REQUIRE(read->size() == 1);
    CHECK(read->front().settlement.warnings.empty());
    CHECK(read->front().total_cost() == 3);
    Opened upgraded(folder.ledger());
    fail_over(upgraded, {.to = intent_to(Place::cloud).to, .cost = 44});
    const auto entries = upgraded.recent();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].settlement.warnings == std::vector<std::string>{"seed: not sent"});
    CHECK(entries[1].total_cost() == 3);
    CHECK(sq::check(folder.ledger()));
}

namespace {

std::string shown(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "NULL";
}

}  // namespace

TEST_CASE("the view `ledger` shows the same totals as the program") {
    Folder folder;
    Opened db(folder.ledger());
    const ledger::Attempt kinds[] = {
        {.cost = 0},
        {.cost = std::nullopt},
        {.usage = {.input = 10, .output = 20}, .cost = 30},
        {.usage = {.input = 10, .output = 20, .cached_input = 5}, .cost = 0},
        {.usage = {.input = 10}, .cost = 0},
    };
    const ledger::Settlement ends[] = {
        {.usage = {.input = 1, .output = 2}, .cost = 3},
        {.usage = {.input = 1, .output = 2, .cached_input = 1}, .cost = std::nullopt},
        {.usage = {}, .cost = 0},
    };
    for (auto end : ends) {
        for (const auto& first : kinds) {
            for (const auto& second : kinds) {
                end.id = db.begin(intent_to(Place::cloud)).value().id;
                REQUIRE(await(db.loop, db.ledger->reroute(end.id, first, intent_to(Place::cloud).to)));
                REQUIRE(await(db.loop, db.ledger->reroute(end.id, second, intent_to(Place::cloud).to)));
                REQUIRE(db.settle(end));
            }
        }
        end.id = db.begin(intent_to(Place::cloud)).value().id;
        REQUIRE(db.settle(end));
    }
    REQUIRE(db.begin(intent_to(Place::cloud)));  // not settled
    const auto rows = OtherProgram(folder.ledger())
                          .run(
                              "SELECT input_tokens, output_tokens, cached_input_tokens, cost_nano_usd, "
                              "failed_attempts FROM ledger ORDER BY id DESC");
    const auto entries = db.recent({.limit = ledger::kMaxQuery});
    REQUIRE(entries.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(entries[i].id);
        const auto usage = entries[i].total_usage();
        CHECK(rows[i] == OtherProgram::Row{shown(usage.input), shown(usage.output), shown(usage.cached_input),
                                           shown(entries[i].total_cost()),
                                           std::to_string(entries[i].attempts.size())});
    }
}

}  // namespace schema_test
