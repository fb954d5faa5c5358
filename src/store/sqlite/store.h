#pragma once
// The ledger in one SQLite file: WAL, one writer at a time that commits whatever has gathered as one transaction (group
// commit): the loop itself, or a thread where something may wait (store/sqlite/writer.h). Schema: store/sqlite/schema.h.
//
// With Synchronous::normal a commit is a write into the WAL: it survives kill -9, and a power cut may lose
// the last commits but never damages the file. Synchronous::full adds an fsync to every commit.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "net/loop.h"
#include "store/store.h"

namespace hearth::store::sqlite {

using store::Synchronous;

struct Options {
    std::filesystem::path path;  // created with mode 0600 when missing; its folder must exist
    Synchronous synchronous = Synchronous::normal;
    std::size_t backlog = limits::kLedgerBacklog;
    milliseconds busy_wait{250};  // how long another program's lock is waited for, at start ten times as long
    milliseconds slow_commit{5};  // a loop that committed for longer leaves it to the thread for a while
    milliseconds retry{200};      // between attempts to write while the disk refuses
    std::int64_t max_pages = 0;   // of 4 KiB; 0 = no limit of ours (for tests of a full disk)
};

class Store final : public store::Store {
  public:
    // Opens or creates, migrates, checks, marks entries of a dead process as interrupted, starts the writer.
    // Errors: Code::storage (no permission, no folder, disk full, locked by another program, written by a
    // newer Hearth), Code::corrupt (damaged: the message names the file, what is wrong and the remedy;
    // nothing was changed).
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(Options options);

    ~Store() override;  // all ledgers must be gone and none of their waits pending

    [[nodiscard]] std::unique_ptr<ledger::Ledger> ledger_for(net::Loop& loop) override;
    [[nodiscard]] ledger::Health health() const override;
    [[nodiscard]] Result<void> close() override;  // writes as much of the backlog as the disk takes

    class Impl;

  private:
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Reads without a daemon and beside one (`hearth ledger`). Blocks. Errors as open(); a file that does not
// exist has no entries.
[[nodiscard]] Result<std::vector<ledger::Entry>> read_recent(const std::filesystem::path& path,
                                                             const ledger::Query& query);

// Every page and index (`hearth doctor`). Blocks, reads the whole file. Error: Code::corrupt with the first
// finding.
[[nodiscard]] Result<void> check(const std::filesystem::path& path);

// Renames the database and its -wal and -shm to PATH.damaged-<time>*, so that a fresh one can be started and
// nothing is lost. Answers the new name.
[[nodiscard]] Result<std::filesystem::path> move_aside(const std::filesystem::path& path, Wall now);

[[nodiscard]] Result<std::unique_ptr<store::Store>> open(const store::Options& options);
[[nodiscard]] Result<std::vector<ledger::Entry>> read(const store::Options& options,
                                                      const ledger::Query& query);
[[nodiscard]] Result<void> check_file(const store::Options& options);
[[nodiscard]] std::string location(const store::Options& options);

inline constexpr Backend kBackend{
    .name = "sqlite", .durable = true, .open = open, .read = read, .check = check_file, .location = location};

}  // namespace hearth::store::sqlite
