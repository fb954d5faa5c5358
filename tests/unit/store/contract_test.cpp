// What every backend promises (ledger/ledger.h, store/store.h): the same cases for each row of store/backends.cpp.
#include "unit/store/contract.h"
#include "ledger/json.h"

namespace contract_test {

using namespace hearth;
using namespace hearth::test;
using ledger::EntryId;
using ledger::Kept;
using ledger::Status;
using Ids = std::vector<EntryId>;

namespace {

Ids ids(Opened& db, const ledger::Query& query) {
    Ids found;
    for (const auto& entry : db.recent(query)) found.push_back(entry.id);
    return found;
}

ledger::Intent full_intent() {
    auto intent = intent_to(Place::cloud, "req_full");
    intent.key = "key_1";
    intent.stream = true;
    intent.to.region = "us";
    intent.estimated_input_tokens = 9;
    return intent;
}

ledger::Settlement full_settlement(EntryId id) {
    return {.id = id,
            .status = Status::ok,
            .http_status = 201,
            .error = "",
            .usage = {.input = 12, .output = 3, .cached_input = 4, .cache_write_input = 0},
            .cost = 150'000,
            .queue = ledger::microseconds(0),
            .first_token = ledger::microseconds(210'300),
            .total = ledger::microseconds(412'900),
            .finish = "stop",
            .served_model = "gpt-5.5-2026",
            .warnings = {"temperature: clamped"}};
}

}  // namespace

TEST_CASE("contract: an entry reads back field by field, running and settled") {
    with_each_backend([](Opened& db) {
        const auto begun = db.begin(full_intent());
        REQUIRE(begun);
        CHECK(begun->id == 1);
        CHECK(begun->kept == Kept::committed);
        ledger::Entry expected{.id = 1, .intent = full_intent()};
        expected.settlement = {.id = 1, .status = Status::running, .http_status = 0};
        const auto running = db.recent();
        REQUIRE(running.size() == 1);
        CHECK(ledger::entries_json(running) == ledger::entries_json({&expected, 1}));
        CHECK(running[0].settlement.http_status == 0);

        CHECK(db.settle(full_settlement(1)).value() == Kept::committed);
        expected.settlement = full_settlement(1);
        const auto settled = db.recent();
        CHECK(ledger::entries_json(settled) == ledger::entries_json({&expected, 1}));
        CHECK(settled[0].settlement.queue == ledger::microseconds(0));
        CHECK(settled[0].settlement.usage == expected.settlement.usage);
        CHECK(settled[0].settlement.id == 1);
    });
}

TEST_CASE("contract: attempts keep usage, cost and warnings, and the route is the last candidate's") {
    with_each_backend([](Opened& db) {
        const auto id = db.begin(full_intent()).value().id;
        const ledger::Attempt refused{.to = full_intent().to, .code = Code::rate_limited, .http_status = 429};
        CHECK(db.reroute(id, refused, rejected_attempt().to).value() == Kept::committed);
        CHECK(db.recent()[0].intent.to.provider == "groq");
        CHECK(db.recent()[0].intent.to.region == "eu");
        CHECK(db.recent()[0].settlement.status == Status::running);
        CHECK(db.reroute(id, rejected_attempt(), intent_to(Place::local).to).value() == Kept::committed);
        REQUIRE(db.settle({.id = id, .usage = {.input = 10}, .cost = 100}));

        const auto entry = db.recent()[0];
        CHECK(entry.intent.to.provider == "engine");
        CHECK(entry.intent.to.place == Place::local);
        CHECK(entry.intent.to.region.empty());
        REQUIRE(entry.attempts.size() == 2);
        CHECK(entry.attempts[0].code == Code::rate_limited);
        CHECK(entry.attempts[0].usage == exchange::Usage{});
        CHECK(entry.attempts[0].cost == std::nullopt);
        CHECK(entry.total_cost() == std::nullopt);
        auto expected = rejected_attempt();
        const auto& second = entry.attempts[1];
        CHECK(second.to.provider == expected.to.provider);
        CHECK(second.started == expected.started);
        CHECK(second.duration == expected.duration);
        CHECK(second.code == expected.code);
        CHECK(second.http_status == expected.http_status);
        CHECK(second.usage == expected.usage);
        CHECK(second.cost == expected.cost);
        CHECK(second.warnings == std::vector<std::string>{"seed: not sent", "top_k: two lines"});
    });
}

TEST_CASE("contract: an entry is settled once, and only if it exists") {
    with_each_backend([](Opened& db) {
        const auto id = db.begin(intent_to(Place::local)).value().id;
        REQUIRE(db.settle({.id = id, .cost = 1}));
        CHECK(db.settle({.id = id, .status = Status::error}).error()->code == Code::conflict);
        CHECK(db.reroute(id, rejected_attempt(), intent_to(Place::cloud).to).error()->code == Code::conflict);
        CHECK(db.settle({.id = id + 1}).error()->code == Code::internal);
        CHECK(db.settle({.id = 0}).error()->code == Code::internal);
        CHECK(db.settle({.id = -1}).error()->code == Code::internal);
        CHECK(db.reroute(id + 1, rejected_attempt(), {}).error()->code == Code::internal);
        const auto entries = db.recent();
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].settlement.status == Status::ok);
        CHECK(entries[0].settlement.cost == 1);
        CHECK(entries[0].attempts.empty());
        CHECK(entries[0].intent.to.place == Place::local);
        CHECK(db.store->health().writable);
        CHECK(db.store->health().problem.empty());
    });
}

TEST_CASE("contract: a request that goes nowhere is recorded at once, under the next id") {
    with_each_backend([](Opened& db) {
        REQUIRE(db.begin(intent_to(Place::local)));
        const auto begun =
            db.record(intent_to(Place::cloud),
                      {.id = 77, .status = Status::refused, .http_status = 403, .error = "forbidden"});
        REQUIRE(begun);
        CHECK(begun->id == 2);
        CHECK(db.settle({.id = 2}).error()->code == Code::conflict);
        const auto entry = db.recent()[0];
        CHECK(entry.id == 2);
        CHECK(entry.settlement.id == 2);
        CHECK(entry.settlement.status == Status::refused);
        CHECK(entry.settlement.http_status == 403);
        CHECK(entry.settlement.error == "forbidden");
        CHECK(db.begin(intent_to(Place::local))->id == 3);
    });
}

TEST_CASE("contract: queries filter by every field, limit and page, newest first") {
    with_each_backend([](Opened& db) {
        for (int i = 1; i <= 10; ++i) {
            auto intent = intent_to(i % 2 ? Place::cloud : Place::local, "req_" + std::to_string(i));
            intent.key = i == 3 ? "key_3" : "";
            intent.project = i > 7 ? "late" : "default";
            const auto begun = db.begin(intent);
            REQUIRE(begun);
            if (i < 9) REQUIRE(db.settle({.id = begun->id, .status = i % 4 ? Status::ok : Status::error}));
        }
        CHECK(ids(db, {}) == Ids{10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
        CHECK(ids(db, {.limit = 3}) == Ids{10, 9, 8});
        CHECK(ids(db, {.limit = 3, .before = 8}) == Ids{7, 6, 5});
        CHECK(ids(db, {.limit = 3, .before = 1}).empty());
        CHECK(ids(db, {.limit = 3, .before = -5}) == Ids{10, 9, 8});
        CHECK(ids(db, {.limit = 2, .before = 99}) == Ids{10, 9});
        CHECK(ids(db, {.limit = 0}) == Ids{10});
        CHECK(ids(db, {.limit = 5'000'000}).size() == 10);
        CHECK(ids(db, {.provider = "openai"}) == Ids{9, 7, 5, 3, 1});
        CHECK(ids(db, {.model = "spark"}) == Ids{10, 8, 6, 4, 2});
        CHECK(ids(db, {.project = "late"}) == Ids{10, 9, 8});
        CHECK(ids(db, {.key = "key_3"}) == Ids{3});
        CHECK(ids(db, {.request_id = "req_4"}) == Ids{4});
        CHECK(ids(db, {.place = Place::local}) == Ids{10, 8, 6, 4, 2});
        CHECK(ids(db, {.status = Status::error}) == Ids{8, 4});
        CHECK(ids(db, {.place = Place::cloud, .status = Status::running}) == Ids{9});
        CHECK(ids(db, {.limit = 1, .before = 8, .status = Status::error}) == Ids{4});
        CHECK(ids(db, {.model = "spark", .status = Status::cancelled}).empty());
        CHECK(ids(db, {.project = "x' OR 1=1 --"}).empty());
        CHECK(ids(db, {.provider = "OpenAI"}).empty());
        // A filter sees the route of the last candidate.
        REQUIRE(db.reroute(10, rejected_attempt(), {.provider = "groq", .model = "m", .place = Place::lan}));
        CHECK(ids(db, {.provider = "groq"}) == Ids{10});
        CHECK(ids(db, {.place = Place::lan}) == Ids{10});
    });
}

}  // namespace contract_test
