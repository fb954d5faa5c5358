// What every backend promises, continued: many loops at once, closing, and opening again.
#include <algorithm>
#include <set>
#include <thread>

#include "unit/store/contract.h"

namespace contract_life_test {

using namespace hearth;
using namespace hearth::test;
using ledger::EntryId;
using ledger::Status;
using Ids = std::vector<EntryId>;

namespace {

struct Load {
    Opened* db = nullptr;
    ledger::Ledger* ledger = nullptr;
    net::Loop* loop = nullptr;
    std::string name;
    int running = 0, failures = 0;
    Ids begun;
};

// One client: entries one after the other, each of them failing over once.
Task<void> client(Load& load, int number, int entries) {
    for (int i = 0; i < entries; ++i) {
        const auto name = load.name + "_" + std::to_string(number) + "_" + std::to_string(i);
        const auto intent = intent_to(Place::cloud, name);
        const auto begun = co_await load.ledger->begin(intent);
        if (!begun) {
            ++load.failures;
            continue;
        }
        load.begun.push_back(begun->id);
        auto failed = rejected_attempt();
        failed.to.reason = name;
        const ledger::Route next{
            .provider = "engine", .model = name, .place = Place::local, .reason = "last"};
        if (!co_await load.ledger->reroute(begun->id, failed, next)) ++load.failures;
        const ledger::Settlement settlement{.id = begun->id, .served_model = name};
        if (!co_await load.ledger->settle(settlement)) ++load.failures;
    }
    if (--load.running == 0) load.loop->stop();
}

void run_loop(store::Store& store, Load& load, int clients, int entries) {
    net::Loop loop;
    const auto ledger = store.ledger_for(loop);
    load.ledger = ledger.get();
    load.loop = &loop;
    load.running = clients;
    loop.post([&] {
        for (int i = 0; i < clients; ++i) spawn(client(load, i, entries));
    });
    loop.run();
}

}  // namespace

TEST_CASE("contract: one loop's entries get ids in the order of begin()") {
    with_each_backend([](Opened& db) {
        Load load{.ledger = db.ledger.get(), .loop = &db.loop, .name = "one", .running = 100};
        db.loop.post([&] {
            for (int i = 0; i < 100; ++i) spawn(client(load, i, 1));
        });
        db.loop.run();
        CHECK(load.failures == 0);
        const auto entries = db.recent({.limit = 100});
        REQUIRE(entries.size() == 100);
        for (const auto& entry : entries)
            CHECK(entry.intent.request_id == "one_" + std::to_string(entry.id - 1) + "_0");
        CHECK(db.store->health().operations == 300);
    });
}

TEST_CASE("contract: many entries of several loops at once are each their own") {
    constexpr int kLoops = 4, kClients = 8, kEntries = 8;
    with_each_backend([](Opened& db) {
        std::vector<Load> loads(kLoops);
        std::vector<std::thread> threads;
        for (int i = 0; i < kLoops; ++i) {
            loads[static_cast<std::size_t>(i)].name = "loop" + std::to_string(i);
            threads.emplace_back([&db, &load = loads[static_cast<std::size_t>(i)]] {
                run_loop(*db.store, load, kClients, kEntries);
            });
        }
        for (auto& thread : threads) thread.join();
        std::set<EntryId> all;
        for (const auto& load : loads) {
            CHECK(load.failures == 0);
            CHECK(std::ranges::is_sorted(load.begun));
            all.insert(load.begun.begin(), load.begun.end());
        }
        constexpr auto kAll = std::size_t{kLoops * kClients * kEntries};
        CHECK(all.size() == kAll);
        CHECK(*all.rbegin() == static_cast<EntryId>(kAll));
        const auto entries = db.recent({.limit = ledger::kMaxQuery});
        REQUIRE(entries.size() == kAll);
        for (const auto& entry : entries) {
            CHECK(entry.intent.to.model == entry.intent.request_id);
            CHECK(entry.settlement.served_model == entry.intent.request_id);
            REQUIRE(entry.attempts.size() == 1);
            CHECK(entry.attempts[0].to.reason == entry.intent.request_id);
        }
        CHECK(db.store->health().operations == 3 * kAll);
    });
}

TEST_CASE("contract: a closed store refuses every call, and closing again does nothing") {
    with_each_backend([](Opened& db) {
        const auto id = db.begin(intent_to(Place::local)).value().id;
        CHECK(db.store->health().writable);
        CHECK(db.store->close());
        CHECK(db.store->close());
        CHECK(db.begin(intent_to(Place::local)).error()->code == Code::storage);
        CHECK(db.settle({.id = id}).error()->code == Code::storage);
        CHECK(db.reroute(id, rejected_attempt(), {}).error()->code == Code::storage);
        CHECK(db.record(intent_to(Place::local), {}).error()->code == Code::storage);
        CHECK(await(db.loop, db.ledger->recent({})).error()->code == Code::storage);
        CHECK(!db.store->health().writable);
        CHECK(!db.store->health().problem.empty());
    });
}

TEST_CASE("contract: what the next open finds") {
    for (const auto& backend : store::backends()) {
        CAPTURE(backend.name);
        Folder folder;
        const store::Options options{.path = folder.ledger()};
        {
            Opened db(open_backend(backend, folder));
            REQUIRE(db.settle({.id = db.begin(intent_to(Place::cloud)).value().id, .cost = 4}));
            REQUIRE(db.begin(intent_to(Place::cloud)));
            REQUIRE(db.store->close());
        }
        CHECK(backend.check(options));
        const auto read = backend.read(options, {});
        Opened db(open_backend(backend, folder));
        if (!backend.durable) {
            REQUIRE(!read);
            CHECK(read.error()->code == Code::unavailable);
            CHECK(db.recent().empty());
            CHECK(db.begin(intent_to(Place::cloud))->id == 1);
            continue;
        }
        CHECK(read.value().size() == 2);
        CHECK(read.value()[0].settlement.status == Status::running);
        const auto entries = db.recent();
        REQUIRE(entries.size() == 2);
        CHECK(entries[0].settlement.status == Status::interrupted);
        CHECK(entries[0].settlement.http_status == 0);
        CHECK(entries[1].settlement.cost == 4);
        CHECK(db.store->health().recovered == 1);
        CHECK(db.begin(intent_to(Place::cloud))->id == 3);
    }
}

TEST_CASE("a backend is found by its name; another name is an error that lists them") {
    for (const auto& backend : store::backends()) {
        CHECK(store::find_backend(backend.name).value() == &backend);
        CHECK(!backend.location({.path = "/x/y"}).empty());
    }
    const auto missing = store::find_backend("memroy");
    REQUIRE(!missing);
    CHECK(missing.error()->code == Code::config);
    CHECK(missing.error()->message ==
          "[ledger] store: there is no \"memroy\"; known are \"sqlite\", \"memory\".");
}

}  // namespace contract_life_test
