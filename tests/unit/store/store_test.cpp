#include <rapidcheck.h>
#include <sys/stat.h>

#include <set>

#include "store/sqlite/patience.h"
#include "store/sqlite/settled.h"
#include "unit/store/ledger_fixture.h"

namespace store_test {

using namespace hearth;
using namespace hearth::test;
using ledger::EntryId;
using ledger::Status;

TEST_CASE("what is begun and settled reads back") {
    Folder folder;
    Opened db(folder.ledger());
    auto intent = intent_to(Place::cloud, "req_a");
    intent.key = "key_1";
    intent.stream = true;
    intent.estimated_input_tokens = 9;
    const auto begun = db.begin(intent);
    REQUIRE(begun);
    CHECK(begun->id == 1);
    CHECK(begun->kept == ledger::Kept::committed);

    auto running = db.recent();
    REQUIRE(running.size() == 1);
    CHECK(running[0].settlement.status == Status::running);

    const ledger::Settlement settlement{.id = begun->id,
                                        .status = Status::ok,
                                        .usage = {.input = 12, .output = 3, .cached_input = 4},
                                        .cost = 150'000,
                                        .first_token = ledger::microseconds(210'300),
                                        .total = ledger::microseconds(412'900),
                                        .finish = "stop",
                                        .served_model = "gpt-5.5-2026",
                                        .warnings = {"seed: a seed not sent", "top_k: gone"}};
    const auto kept = db.settle(settlement);
    REQUIRE(kept);
    CHECK(*kept == ledger::Kept::committed);

    const auto entries = db.recent();
    REQUIRE(entries.size() == 1);
    const auto& entry = entries[0];
    CHECK(entry.id == 1);
    CHECK(entry.intent.request_id == "req_a");
    CHECK(entry.intent.time == intent.time);
    CHECK(entry.intent.client == "curl");
    CHECK(entry.intent.key == "key_1");
    CHECK(entry.intent.stream);
    CHECK(entry.intent.estimated_input_tokens == 9);
    CHECK(entry.intent.to.provider == "openai");
    CHECK(entry.intent.to.place == Place::cloud);
    CHECK(entry.intent.to.reason == "asked for");
    CHECK(entry.settlement.status == Status::ok);
    CHECK(entry.settlement.usage.input == 12);
    CHECK(entry.settlement.usage.cached_input == 4);
    CHECK(entry.settlement.usage.reasoning_output == std::nullopt);
    CHECK(entry.settlement.cost == 150'000);
    CHECK(entry.settlement.first_token == ledger::microseconds(210'300));
    CHECK(entry.settlement.queue == std::nullopt);
    CHECK(entry.settlement.served_model == "gpt-5.5-2026");
    CHECK(entry.settlement.warnings == settlement.warnings);
    struct stat info{};
    REQUIRE(::stat(folder.ledger().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a failover keeps the failed attempt and moves the entry") {
    Folder folder;
    Opened db(folder.ledger());
    const auto begun = db.begin(intent_to(Place::cloud));
    REQUIRE(begun);
    const ledger::Attempt failed{.to = intent_to(Place::cloud).to,
                                 .started = Wall(milliseconds(5)),
                                 .duration = ledger::microseconds(31'250),
                                 .code = Code::rate_limited,
                                 .http_status = 429,
                                 .cost = 0};
    const ledger::Attempt rejected{
        .to = {.provider = "groq", .model = "m", .place = Place::cloud, .region = "eu", .reason = "next"},
        .started = Wall(milliseconds(6)),
        .duration = ledger::microseconds(7),
        .code = Code::answer_rejected,
        .usage = {.input = 1, .output = 2, .cached_input = 3, .cache_write_input = 4, .reasoning_output = 5},
        .cost = 6,
        .warnings = {"seed: not sent", "top_k: two\nlines"}};
    const ledger::Route next{.provider = "groq", .model = "m", .place = Place::cloud, .reason = "next"};
    const ledger::Route last{.provider = "engine", .model = "spark", .place = Place::local, .reason = "last"};
    REQUIRE(await(db.loop, db.ledger->reroute(begun->id, failed, next)));
    CHECK(db.recent()[0].intent.to.provider == "groq");
    REQUIRE(await(db.loop, db.ledger->reroute(begun->id, rejected, last)));
    CHECK(db.recent()[0].intent.to.provider == "engine");
    CHECK(db.recent()[0].settlement.status == Status::running);
    REQUIRE(db.settle({.id = begun->id, .usage = {.input = 10, .output = 20}, .cost = 100}));
    CHECK(await(db.loop, db.ledger->reroute(begun->id, failed, next)).error()->code == Code::conflict);
    const auto entries = db.recent();
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].intent.to.provider == "engine");
    CHECK(entries[0].intent.to.place == Place::local);
    REQUIRE(entries[0].attempts.size() == 2);
    CHECK(entries[0].attempts[0].to.provider == "openai");
    CHECK(entries[0].attempts[0].code == Code::rate_limited);
    CHECK(entries[0].attempts[0].http_status == 429);
    CHECK(entries[0].attempts[0].duration == ledger::microseconds(31'250));
    CHECK(entries[0].attempts[0].usage == exchange::Usage{});
    CHECK(entries[0].attempts[0].cost == 0);
    const auto& second = entries[0].attempts[1];
    CHECK(second.to.region == "eu");
    CHECK(second.code == Code::answer_rejected);
    CHECK(second.usage == rejected.usage);
    CHECK(second.cost == 6);
    CHECK(second.warnings == std::vector<std::string>{"seed: not sent", "top_k: two lines"});
    CHECK(entries[0].settlement.cost == 100);
    CHECK(entries[0].total_cost() == 106);
}

TEST_CASE("a refused request is recorded at once") {
    Folder folder;
    Opened db(folder.ledger());
    const auto intent = intent_to(Place::cloud);
    const ledger::Settlement refused{.status = Status::refused, .http_status = 403, .error = "forbidden"};
    REQUIRE(await(db.loop, db.ledger->record(intent, refused)));
    const auto entries = db.recent();
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].settlement.status == Status::refused);
    CHECK(entries[0].settlement.error == "forbidden");
}

TEST_CASE("an entry is settled once, and only if it exists") {
    Folder folder;
    Opened db(folder.ledger());
    const auto begun = db.begin(intent_to(Place::local));
    REQUIRE(begun);
    REQUIRE(db.settle({.id = begun->id}));
    CHECK(db.settle({.id = begun->id, .status = Status::error}).error()->code == Code::conflict);
    CHECK(db.settle({.id = 99}).error()->code == Code::internal);
    CHECK(db.settle({.id = 0}).error()->code == Code::internal);
    CHECK(db.recent()[0].settlement.status == Status::ok);
    CHECK(db.store->health().writable);
}

TEST_CASE("queries filter, limit and page, newest first") {
    Folder folder;
    Opened db(folder.ledger());
    for (int i = 1; i <= 10; ++i) {
        const auto begun =
            db.begin(intent_to(i % 2 ? Place::cloud : Place::local, "req_" + std::to_string(i)));
        REQUIRE(begun);
        if (i < 9) REQUIRE(db.settle({.id = begun->id, .status = i % 4 ? Status::ok : Status::error}));
    }
    const auto ids = [&](const ledger::Query& query) {
        std::vector<EntryId> found;
        for (const auto& entry : db.recent(query)) found.push_back(entry.id);
        return found;
    };
    CHECK(ids({.limit = 3}) == std::vector<EntryId>{10, 9, 8});
    CHECK(ids({.limit = 3, .before = 8}) == std::vector<EntryId>{7, 6, 5});
    CHECK(ids({.limit = 0}) == std::vector<EntryId>{10});
    CHECK(ids({.provider = "openai"}) == std::vector<EntryId>{9, 7, 5, 3, 1});
    CHECK(ids({.model = "spark", .status = Status::error}) == std::vector<EntryId>{8, 4});
    CHECK(ids({.place = Place::cloud, .status = Status::running}) == std::vector<EntryId>{9});
    CHECK(ids({.request_id = "req_4"}) == std::vector<EntryId>{4});
    CHECK(ids({.project = "x' OR 1=1 --"}).empty());
}

namespace {

Task<void> one_entry(Opened& db, int number, std::vector<EntryId>& order, int& left) {
    const auto intent = intent_to(Place::cloud, "req_" + std::to_string(number));
    const auto begun = co_await db.ledger->begin(intent);
    order.push_back(begun ? begun->id : 0);
    const ledger::Settlement settlement{.id = begun->id};
    if (!co_await db.ledger->settle(settlement)) order.push_back(-1);
    if (--left == 0) db.loop.stop();
}

}  // namespace

TEST_CASE("what one tick gives is one transaction, in order") {
    Folder folder;
    Opened db({.path = folder.ledger(), .slow_commit = seconds(3600)});
    std::vector<EntryId> order;
    int left = 100;
    for (int i = 1; i <= 100; ++i) spawn(one_entry(db, i, order, left));
    db.loop.run();
    REQUIRE(order.size() == 100);
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == static_cast<EntryId>(i + 1));
    const auto health = db.store->health();
    CHECK(health.operations == 200);
    CHECK(health.largest_batch == 100);
    CHECK(health.commits == 2);
    CHECK(health.direct == 2);
    const auto entries = db.recent({.limit = 100});
    REQUIRE(entries.size() == 100);
    for (const auto& entry : entries) CHECK(entry.intent.request_id == "req_" + std::to_string(entry.id));
}

TEST_CASE("a full log goes back into the database while commits go on") {
    Folder folder;
    // On a busy machine any commit may be slow; here only checkpoints move commits to the thread.
    Opened db({.path = folder.ledger(), .slow_commit = seconds(3600)});
    std::vector<EntryId> order;
    constexpr int kEntries = 9'000;  // two commits each, at least a page each: over the pages of a restart
    for (int done = 0; done < kEntries; done += 2) {
        int left = 2;
        spawn(one_entry(db, done, order, left));
        spawn(one_entry(db, done + 1, order, left));
        db.loop.run();
    }
    CHECK(std::filesystem::file_size(folder.ledger().string() + "-wal") < 45'000'000);
    CHECK(std::filesystem::file_size(folder.ledger()) > 500'000);
    CHECK(db.recent({.limit = 1})[0].id == kEntries);
    const auto health = db.store->health();
    CHECK(health.commits == kEntries);
    CHECK(health.direct < health.commits);  // after a checkpoint the thread starts the log again
    CHECK(health.direct > health.commits / 2);
}

TEST_CASE("commits that wait for the disk are the thread's") {
    Folder folder;
    Opened db({.path = folder.ledger(), .synchronous = sq::Synchronous::full});
    const auto begun = db.begin(intent_to(Place::cloud));
    REQUIRE(begun);
    CHECK(db.settle({.id = begun->id}).value() == ledger::Kept::committed);
    CHECK(db.store->health().commits == 2);
    CHECK(db.store->health().direct == 0);
}

TEST_CASE("a slow commit takes a loop's commits to the thread for a while, longer each time") {
    sq::Patience patience;
    const Mono start{seconds(1'000)};
    CHECK(patience.has(start));
    patience.took(sq::Patience::kSlow - nanoseconds(1), start);
    CHECK(patience.has(start));
    auto now = start;
    nanoseconds pause = sq::Patience::kFirstPause;
    for (int i = 0; i < 12; ++i) {
        patience.took(sq::Patience::kSlow, now);
        CHECK_FALSE(patience.has(now + pause - nanoseconds(1)));
        CHECK(patience.has(now + pause));
        now += pause;
        pause = std::min<nanoseconds>(2 * pause, sq::Patience::kLongestPause);
    }
    now += std::chrono::minutes(2);  // quick for long: forgiven
    patience.took(nanoseconds(1), now);
    patience.took(sq::Patience::kSlow, now);
    CHECK(patience.has(now + sq::Patience::kFirstPause));
}

TEST_CASE("the settled set is a set") {
    CHECK(rc::check("against std::set", [](const std::vector<std::uint8_t>& picks) {
        store::sqlite::Settled settled(10);
        std::set<EntryId> model;
        for (const auto pick : picks) {
            settled.insert(pick);
            if (pick > 10) model.insert(pick);
            EntryId through = 10;
            while (model.contains(through + 1)) ++through;
            RC_ASSERT(settled.through() == through);
        }
        for (EntryId id = 1; id < 300; ++id)
            RC_ASSERT(settled.contains(id) == (id <= 10 || model.contains(id)));
    }));
}

}  // namespace store_test
