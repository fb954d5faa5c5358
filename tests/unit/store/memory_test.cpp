// What is particular to the ledger in memory: its bound.
#include "store/memory/store.h"

#include "unit/store/ledger_fixture.h"

namespace memory_test {

using namespace hearth;
using namespace hearth::test;
using ledger::EntryId;

TEST_CASE("memory: the oldest settled entries are dropped, and no entry that is not settled") {
    Opened db(store::memory::open({.max_settled = 3}).value());
    for (int i = 1; i <= 6; ++i) REQUIRE(db.begin(intent_to(Place::local)));
    const auto ids = [&] {
        std::vector<EntryId> found;
        for (const auto& entry : db.recent()) found.push_back(entry.id);
        return found;
    };
    for (const EntryId id : {6, 5, 2}) REQUIRE(db.settle({.id = id}));
    CHECK(ids() == std::vector<EntryId>{6, 5, 4, 3, 2, 1});
    REQUIRE(db.settle({.id = 4}));
    CHECK(ids() == std::vector<EntryId>{6, 5, 4, 3, 1});
    REQUIRE(db.record(intent_to(Place::local), {}));
    CHECK(ids() == std::vector<EntryId>{7, 6, 5, 3, 1});
    CHECK(db.settle({.id = 2}).error()->code == Code::conflict);
    REQUIRE(db.settle({.id = 1}));  // the oldest of all: it goes at once
    CHECK(ids() == std::vector<EntryId>{7, 6, 5, 3});
    CHECK(db.settle({.id = 1}).error()->code == Code::conflict);
    CHECK(db.begin(intent_to(Place::local))->id == 8);
}

}  // namespace memory_test
