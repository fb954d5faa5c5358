#pragma once
// The port to the ledger. One object per loop, used on that loop's thread only; all of a process's objects
// write to one store. Every wait ends on the loop, once what was given is committed: kill -9 afterwards loses
// nothing.
//
// When the store cannot write (disk full, I/O error, locked by another program):
//   begin to lan or cloud fails with Code::storage (503): nothing may leave unrecorded.
//   begin to local or loopback is taken into a backlog in memory, at most limits::kLedgerBacklog entries, and
//   written as soon as the store can again; beyond the bound it fails with Code::storage. settle never blocks
//   an answer that is already paid for: the settlement joins the backlog, also for clouds.
// health() tells, for /readyz, /metrics and a warning.
//
// Arguments by reference must outlive the wait; the caller's coroutine frame does.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/task.h"
#include "ledger/entry.h"

namespace hearth::ledger {

enum class Kept : std::uint8_t {
    committed,  // survives kill -9
    backlog,    // in memory until the store can write again
};

struct Begun {
    EntryId id = 0;
    Kept kept = Kept::committed;
};

// Newest first. Empty fields do not filter.
struct Query {
    std::size_t limit = 50;  // 1..kMaxQuery
    EntryId before = 0;      // only entries with a smaller id, for paging; 0 = from the newest
    std::string provider, model, project, key, request_id;
    std::optional<Place> place;
    std::optional<Status> status;
};
inline constexpr std::size_t kMaxQuery = 1000;

struct Health {
    bool writable = true;
    std::string problem;        // last error, a sentence; empty when there is none now
    std::uint64_t backlog = 0;  // entries in memory, waiting for the disk
    std::uint64_t refused = 0;  // begins that failed because nothing could be written
    std::uint64_t commits = 0;  // transactions
    std::uint64_t operations =
        0;  // begins, reroutes and settlements in them: operations / commits = batch size
    std::uint64_t largest_batch = 0;
    std::uint64_t direct = 0;  // commits by a loop itself, without a change of thread
    std::uint64_t failed_commits = 0;
    std::uint64_t recovered = 0;  // entries that this start found unsettled and marked interrupted
};

class Ledger {
  public:
    virtual ~Ledger() = default;

    // Before the first byte leaves.
    virtual Task<Result<Begun>> begin(const Intent& intent) = 0;

    // The candidate that was asked failed or its answer was rejected: records the attempt and makes `next` the
    // entry's route. Before the first byte leaves for it. The same rules by place as begin().
    virtual Task<Result<Kept>> reroute(EntryId id, const Attempt& failed, const Route& next) = 0;

    // Before the client's last byte. Once per entry; a second one is Code::conflict.
    virtual Task<Result<Kept>> settle(const Settlement& settlement) = 0;

    // begin and settle at once, for a request that goes nowhere (refused, invalid). settlement.id is ignored.
    virtual Task<Result<Begun>> record(const Intent& intent, const Settlement& settlement) = 0;

    // What is committed, newest first.
    virtual Task<Result<std::vector<Entry>>> recent(const Query& query) = 0;

    [[nodiscard]] virtual Health health() const = 0;  // any thread
};

}  // namespace hearth::ledger
