// kill -9 of a process that writes: everything it was told is committed is there, and the next start recovers.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "unit/store/ledger_fixture.h"

namespace crash_test {

using namespace hearth;
using namespace hearth::test;
using ledger::EntryId;
using ledger::Status;

namespace {

struct Said {
    EntryId id;
    bool settled;
};

Task<void> write_for_ever(Opened& db, int to_parent, int lane) {
    for (int i = 0;; ++i) {
        const auto intent = intent_to(Place::cloud, "req_" + std::to_string(lane) + "_" + std::to_string(i));
        const auto begun = co_await db.ledger->begin(intent);
        if (!begun) ::_exit(3);
        Said said{begun->id, false};
        if (::write(to_parent, &said, sizeof said) != sizeof said) ::_exit(4);
        const ledger::Settlement settlement{
            .id = begun->id, .usage = {.input = lane, .output = i}, .cost = 7};
        if (!co_await db.ledger->settle(settlement)) ::_exit(5);
        said.settled = true;
        if (::write(to_parent, &said, sizeof said) != sizeof said) ::_exit(6);
    }
}

[[noreturn]] void child(const std::filesystem::path& path, int to_parent) {
    Opened db(path);
    for (int lane = 0; lane < 8; ++lane) spawn(write_for_ever(db, to_parent, lane));
    db.loop.run();
    ::_exit(2);
}

// Lets a child write until it has said `enough` things, kills it, and answers all it said.
std::vector<Said> run_and_kill(const std::filesystem::path& path, std::size_t enough) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        ::close(ends[0]);
        child(path, ends[1]);
    }
    ::close(ends[1]);
    std::vector<Said> said;
    Said next{};
    while (said.size() < enough && ::read(ends[0], &next, sizeof next) == sizeof next) said.push_back(next);
    ::kill(pid, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status));
    while (::read(ends[0], &next, sizeof next) == sizeof next) said.push_back(next);
    ::close(ends[0]);
    return said;
}

}  // namespace

TEST_CASE("kill -9 loses nothing that was committed, and no row is torn") {
    Folder folder;
    EntryId before = 0;
    for (const std::size_t enough : {1u, 50u, 333u, 1000u}) {
        const auto said = run_and_kill(folder.ledger(), enough);
        REQUIRE(said.size() >= enough);

        // Read before recovery, as `hearth ledger` would, then after it.
        REQUIRE(sq::check(folder.ledger()));
        Opened db(folder.ledger());
        std::map<EntryId, ledger::Entry> rows;
        EntryId page = 0;
        for (;;) {
            auto entries = db.recent({.limit = 1000, .before = page});
            if (entries.empty()) break;
            page = entries.back().id;
            for (auto& entry : entries) rows.emplace(entry.id, std::move(entry));
        }
        for (const auto& claim : said) {
            const auto row = rows.find(claim.id);
            REQUIRE(row != rows.end());
            CHECK(row->second.intent.request_id.starts_with("req_"));
            CHECK(row->second.intent.to.model == "gpt-5.5");
            if (!claim.settled) continue;
            CHECK(row->second.settlement.status == Status::ok);
            CHECK(row->second.settlement.cost == 7);
            const auto expected = "req_" + std::to_string(*row->second.settlement.usage.input) + "_" +
                                  std::to_string(*row->second.settlement.usage.output);
            CHECK(row->second.intent.request_id == expected);
        }
        std::uint64_t interrupted = 0;
        for (const auto& [id, row] : rows) {
            CHECK(row.settlement.status != Status::running);
            if (id > before && row.settlement.status == Status::interrupted) ++interrupted;
        }
        CHECK(db.store->health().recovered == interrupted);
        CHECK(interrupted <= 8);
        before = rows.rbegin()->first;
    }
}

TEST_CASE("a clean stop leaves nothing to recover but what was running") {
    Folder folder;
    {
        Opened db(folder.ledger());
        for (int i = 0; i < 3; ++i) {
            const auto begun = db.begin(intent_to(Place::local));
            REQUIRE(begun);
            if (i != 1) REQUIRE(db.settle({.id = begun->id}));
        }
        db.ledger.reset();
    }
    CHECK(!std::filesystem::exists(folder.ledger().string() + "-wal"));
    const auto offline = sq::read_recent(folder.ledger(), {});
    REQUIRE(offline);
    CHECK((*offline)[1].settlement.status == Status::running);
    for (const std::uint64_t recovered : {1u, 0u}) {
        Opened db(folder.ledger());
        CHECK(db.store->health().recovered == recovered);
        CHECK(db.recent()[1].settlement.status == Status::interrupted);
        CHECK(db.recent()[1].settlement.error == "interrupted");
    }
    Opened db(folder.ledger());
    CHECK(db.begin(intent_to(Place::local))->id == 4);
}

}  // namespace crash_test
