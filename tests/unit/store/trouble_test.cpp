// Full disks, locks and damage: clouds are refused, local work goes on in a bounded backlog, nothing is lost.
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "unit/store/ledger_fixture.h"
#include "unit/store/other_program.h"

namespace trouble_test {

using namespace hearth;
using namespace hearth::test;
using ledger::Kept;

namespace {

// No file of this process may grow beyond `bytes`: what a full disk looks like to SQLite (a failing write).
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit small{.rlim_cur = bytes, .rlim_max = old_.rlim_max};
        signal_ = std::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    }
    ~SmallDisk() {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, signal_);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

  private:
    rlimit old_{};
    void (*signal_)(int) = nullptr;
};

void wait_until_writable(Opened& db) {
    for (int i = 0; i < 500 && !(db.store->health().writable && db.store->health().backlog == 0); ++i) {
        struct Pause {
            static Task<Result<void>> of(net::Loop& loop) {
                co_await loop.sleep(milliseconds(10));
                co_return Result<void>{};
            }
        };
        (void)await(db.loop, Pause::of(db.loop));
    }
    CHECK(db.store->health().writable);
    CHECK(db.store->health().backlog == 0);
}

// What must hold while nothing can be written; the entry was begun before. Answers the backlogged entry's id.
ledger::EntryId check_refusal(Opened& db, ledger::EntryId running) {
    const auto cloud = db.begin(intent_to(Place::cloud));
    REQUIRE(!cloud);
    CHECK(cloud.error()->code == Code::storage);
    CHECK(http_status(cloud.error()->code) == 503);
    const auto lan = db.begin(intent_to(Place::lan));
    CHECK(!lan);
    const auto local = db.begin(intent_to(Place::local, "req_backlog"));
    REQUIRE(local);
    CHECK(local->kept == Kept::backlog);
    const auto loopback = db.begin(intent_to(Place::loopback));
    REQUIRE(loopback);
    CHECK(loopback->id == local->id + 1);
    const auto settled = db.settle({.id = running, .cost = 5});
    REQUIRE(settled);
    CHECK(*settled == Kept::backlog);
    REQUIRE(db.settle({.id = local->id, .finish = "stop"}));
    // A failover may not go out to a cloud either, but may come home.
    const ledger::Attempt failed{.to = loopback ? intent_to(Place::loopback).to : ledger::Route{}};
    const auto out = intent_to(Place::cloud).to, home = intent_to(Place::local).to;
    CHECK(await(db.loop, db.ledger->reroute(loopback->id, failed, out)).error()->code == Code::storage);
    CHECK(await(db.loop, db.ledger->reroute(loopback->id, failed, home)).value() == Kept::backlog);
    const auto health = db.store->health();
    CHECK(!health.writable);
    CHECK(health.backlog == 2);
    CHECK(health.refused == 3);
    CHECK(!health.problem.empty());
    return local->id;
}

void check_flushed(Opened& db, ledger::EntryId running, ledger::EntryId backlogged) {
    wait_until_writable(db);
    const auto entries = db.recent({.limit = 10});
    REQUIRE(entries.size() >= 3);
    CHECK(entries[0].id == backlogged + 1);
    CHECK(entries[0].attempts.size() == 1);
    CHECK(entries[0].settlement.status == ledger::Status::running);
    CHECK(entries[1].id == backlogged);
    CHECK(entries[1].intent.request_id == "req_backlog");
    CHECK(entries[1].settlement.finish == "stop");
    CHECK(entries[2].id == running);
    CHECK(entries[2].settlement.cost == 5);
    REQUIRE(db.begin(intent_to(Place::cloud)));
    CHECK(db.store->health().problem.empty());
}

}  // namespace

TEST_CASE("a full disk: clouds are refused, local work waits in memory and is written later") {
    Folder folder;
    Opened db({.path = folder.ledger(), .retry = milliseconds(20)});
    const auto running = db.begin(intent_to(Place::cloud));
    REQUIRE(running);
    ledger::EntryId backlogged = 0;
    {
        const SmallDisk disk(16 * 1024);
        backlogged = check_refusal(db, running->id);
    }
    check_flushed(db, running->id, backlogged);
}

TEST_CASE("a locked database: the same") {
    Folder folder;
    Opened db({.path = folder.ledger(), .busy_wait = milliseconds(20), .retry = milliseconds(20)});
    const auto running = db.begin(intent_to(Place::cloud));
    REQUIRE(running);
    ledger::EntryId backlogged = 0;
    {
        OtherProgram other(folder.ledger());
        other.run("BEGIN IMMEDIATE");
        backlogged = check_refusal(db, running->id);
        CHECK(db.store->health().problem.find("locked by another program") != std::string::npos);
        other.run("ROLLBACK");
    }
    check_flushed(db, running->id, backlogged);
}

TEST_CASE("a lock of another program is waited for, though not by the loop") {
    Folder folder;
    Opened db({.path = folder.ledger(), .busy_wait = seconds(20)});
    REQUIRE(db.begin(intent_to(Place::cloud)));
    CHECK(db.store->health().direct == 1);
    OtherProgram other(folder.ledger());
    other.run("BEGIN IMMEDIATE");
    std::thread frees([&] {
        std::this_thread::sleep_for(milliseconds(50));
        other.run("ROLLBACK");
    });
    CHECK(db.begin(intent_to(Place::cloud))->kept == Kept::committed);
    frees.join();
    CHECK(db.store->health().direct == 1);  // the thread has waited and committed
    CHECK(db.store->health().commits == 2);
}

TEST_CASE("others may read a ledger that is in use, and even write: commits go on") {
    Folder folder;
    Opened db(folder.ledger());
    const auto begun = db.begin(intent_to(Place::cloud));
    REQUIRE(begun);
    CHECK(sq::read_recent(folder.ledger(), {}).value().size() == 1);
    CHECK(sq::check(folder.ledger()));
    {
        OtherProgram other(folder.ledger());
        other.run("BEGIN; SELECT * FROM ledger");  // keeps an old state in sight
        REQUIRE(db.settle({.id = begun->id}));
        other.run("COMMIT; UPDATE entries SET project = 'renamed'");
    }
    CHECK(db.begin(intent_to(Place::cloud))->kept == Kept::committed);
    const auto entries = db.recent();
    REQUIRE(entries.size() == 2);
    CHECK(entries[1].intent.project == "renamed");
    CHECK(entries[1].settlement.status == ledger::Status::ok);
    CHECK(db.store->health().failed_commits == 0);
}

TEST_CASE("the database cannot grow: told as a full disk, and nothing of it is half written") {
    Folder folder;
    Opened db({.path = folder.ledger(), .retry = milliseconds(1), .max_pages = 14});
    int written = 0;
    Result<ledger::Begun> begun;
    while ((begun = db.begin(intent_to(Place::cloud))) && written < 10'000) ++written;
    REQUIRE(!begun);
    CHECK(begun.error()->message.find("full") != std::string::npos);
    CHECK(written > 0);
    CHECK(db.recent({.limit = 1000}).size() == static_cast<std::size_t>(written));
}

TEST_CASE("the backlog is bounded") {
    Folder folder;
    Opened db({.path = folder.ledger(), .backlog = 3, .retry = milliseconds(20)});
    std::vector<ledger::EntryId> ids;
    {
        const SmallDisk disk(1024);
        for (int i = 0; i < 3; ++i) ids.push_back(db.begin(intent_to(Place::local)).value().id);
        const auto fourth = db.begin(intent_to(Place::local));
        REQUIRE(!fourth);
        CHECK(fourth.error()->code == Code::storage);
        CHECK(fourth.error()->message.find("backlog is full") != std::string::npos);
        for (const auto id : ids) CHECK(db.settle({.id = id}).value() == Kept::backlog);
        CHECK(db.store->health().backlog == 3);
    }
    wait_until_writable(db);
    CHECK(db.recent().size() == 3);
}

TEST_CASE("a stop writes the backlog if the disk is back by then") {
    Folder folder;
    {
        Opened db({.path = folder.ledger(), .retry = seconds(3600)});
        {
            const SmallDisk disk(1024);
            REQUIRE(db.begin(intent_to(Place::local)));
        }
        db.ledger.reset();
    }
    CHECK(sq::read_recent(folder.ledger(), {}).value().size() == 1);
}

TEST_CASE("a close while the disk still refuses says what is lost") {
    Folder folder;
    Opened db({.path = folder.ledger(), .retry = seconds(3600)});
    {
        const SmallDisk disk(1024);
        const auto begun = db.begin(intent_to(Place::local));
        REQUIRE(begun);
        REQUIRE(db.settle({.id = begun->id}));
        const auto closed = db.store->close();
        REQUIRE(!closed);
        CHECK(closed.error()->code == Code::storage);
        CHECK(closed.error()->message.starts_with("2 operations of the ledger could not be written"));
    }
    CHECK(sq::read_recent(folder.ledger(), {}).value().empty());
}

TEST_CASE("at start: another program's lock, another Hearth, no folder") {
    Folder folder;
    {
        Opened db(folder.ledger());
    }
    {
        OtherProgram other(folder.ledger());
        other.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
        const auto store = sq::Store::open({.path = folder.ledger(), .busy_wait = milliseconds(1)});
        REQUIRE(!store);
        CHECK(store.error()->code == Code::storage);
        CHECK(store.error()->message.find("locked by another program") != std::string::npos);
    }
    {
        Opened db(folder.ledger());
        const auto second = sq::Store::open({.path = folder.ledger()});
        REQUIRE(!second);
        CHECK(second.error()->message.find("another Hearth") != std::string::npos);
    }
    const auto nowhere = sq::Store::open({.path = folder.path() / "missing" / "ledger.db"});
    REQUIRE(!nowhere);
    CHECK(nowhere.error()->code == Code::storage);
    CHECK(nowhere.error()->message.find("folder must exist") != std::string::npos);
}

namespace {
void fill(const std::filesystem::path& path, int entries) {
    Opened db(path);
    for (int i = 0; i < entries; ++i)
        REQUIRE(db.settle({.id = db.begin(intent_to(Place::local)).value().id}));
    db.ledger.reset();
}
void overwrite(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
}  // namespace

TEST_CASE("a damaged database is refused, named, left as it is, and can be moved aside") {
    Folder folder;
    fill(folder.ledger(), 200);
    const auto good = slurp(folder.ledger());
    REQUIRE(good.size() > 20'000);
    auto flipped = good;
    for (std::size_t i = 8'192; i < 20'000; ++i) flipped[i] = static_cast<char>(flipped[i] ^ 0x5a);
    const std::pair<const char*, std::string> cases[] = {
        {"not a database", "hello, this is a text file that is certainly no database at all"},
        {"shorter than a head", "SQLite"},
        {"cut short", good.substr(0, good.size() / 2)},
        {"overwritten pages", flipped},
    };
    for (const auto& [what, bytes] : cases) {
        CAPTURE(what);
        overwrite(folder.ledger(), bytes);
        const auto store = sq::Store::open({.path = folder.ledger()});
        REQUIRE(!store);
        CHECK(store.error()->code == Code::corrupt);
        CHECK(store.error()->message.find(folder.ledger().string()) != std::string::npos);
        CHECK(slurp(folder.ledger()) == bytes);
    }
    const auto aside = sq::move_aside(folder.ledger(), Wall(milliseconds(1'795'359'628'123)));
    REQUIRE(aside);
    CHECK(aside->string() == folder.ledger().string() + ".damaged-20261122T150028.123Z");
    CHECK(slurp(*aside) == flipped);
    Opened fresh(folder.ledger());
    CHECK(fresh.begin(intent_to(Place::local))->id == 1);
}

TEST_CASE("somebody else's database and a newer ledger are refused and left alone") {
    Folder folder;
    {
        OtherProgram(folder.ledger()).run("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    }
    const auto foreign = slurp(folder.ledger());
    const auto store = sq::Store::open({.path = folder.ledger()});
    REQUIRE(!store);
    CHECK(store.error()->message.find("not a ledger of Hearth") != std::string::npos);
    CHECK(slurp(folder.ledger()) == foreign);
    CHECK(sq::read_recent(folder.ledger(), {}).error()->code == Code::corrupt);

    const auto newer = folder.path() / "newer.db";
    fill(newer, 1);
    {
        OtherProgram(newer).run("PRAGMA user_version = 99");
    }
    const auto refused = sq::Store::open({.path = newer});
    REQUIRE(!refused);
    CHECK(refused.error()->code == Code::storage);
    CHECK(refused.error()->message.find("newer Hearth") != std::string::npos);
}

TEST_CASE("reading without a ledger, and while another holds it") {
    Folder folder;
    CHECK(sq::read_recent(folder.ledger(), {}).value().empty());
    fill(folder.ledger(), 3);
    CHECK(sq::read_recent(folder.ledger(), {.limit = 2}).value().size() == 2);
    CHECK(sq::check(folder.ledger()));
}

}  // namespace trouble_test
