#pragma once
// Entries to rows and back.
#include <vector>

#include "ledger/ledger.h"
#include "store/sqlite/database.h"

namespace hearth::store::sqlite {

// The writer's prepared statements. Each insert answers SQLITE_DONE or SQLite's error.
class RowWriter {
  public:
    [[nodiscard]] static Result<RowWriter> prepare(const Database& db);

    [[nodiscard]] int begin() { return begin_.run(); }
    [[nodiscard]] int commit() { return commit_.run(); }
    void rollback() { (void)rollback_.run(); }

    [[nodiscard]] int entry(ledger::EntryId id, const ledger::Intent& intent);
    [[nodiscard]] int outcome(ledger::EntryId id, const ledger::Settlement& settlement);
    [[nodiscard]] int attempt(ledger::EntryId id, const ledger::Attempt& failed, const ledger::Route& next);
    [[nodiscard]] int settled_through(ledger::EntryId id);

  private:
    Statement begin_, commit_, rollback_, entry_, outcome_, attempt_, move_, settled_through_;
};

[[nodiscard]] Result<std::vector<ledger::Entry>> select_recent(const Database& db,
                                                               const ledger::Query& query);

}  // namespace hearth::store::sqlite
