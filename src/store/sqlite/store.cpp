#include "store/sqlite/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "net/fd.h"
#include "store/sqlite/loop_ledger.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/writer.h"

namespace hearth::store::sqlite {

namespace {

// One Hearth per ledger: a second one would take the first one's running entries for those of a dead process. A file of
// its own, since closing any descriptor of a database drops SQLite's own locks on it.
Result<net::Fd> take_ownership(const std::filesystem::path& path) {
    const auto name = path.string() + ".lock";
    net::Fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) {
        return fail(storage_error(SQLITE_CANTOPEN, "", path.string(), errno));
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::storage,
                    fmt::format("The ledger {} is in use by another Hearth. Stop it, or name another file "
                                "with [ledger] path.",
                                path.string()));
    }
    return fd;
}

// SQLite takes a short or strange file for an empty or damaged one only when it reads it; this tells it at once.
Result<void> check_head(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path, ignored);
    if (ignored || size == 0) return {};
    char magic[16] = {};
    std::ifstream file(path, std::ios::binary);
    if (!file.read(magic, sizeof magic) || std::memcmp(magic, "SQLite format 3", sizeof magic) != 0) {
        return fail(
            storage_error(SQLITE_NOTADB, "it does not begin as a SQLite database does", path.string(), 0));
    }
    return {};
}

// The file is made here so that nobody else may read it from its first moment on.
Result<void> create_private(const std::filesystem::path& path) {
    const net::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return fail(storage_error(SQLITE_CANTOPEN, "", path.string(), errno));
    return {};
}

Result<void> configure(const Database& db, const Options& options) {
    const auto mode = db.text("PRAGMA journal_mode = WAL");
    if (!mode) return fail(mode.error());
    if (*mode != "wal") {
        return fail(Code::storage,
                    fmt::format("The ledger {} cannot use a write-ahead log here (SQLite chose {}). Put it "
                                "on a local disk with [ledger] path.",
                                options.path.string(), *mode));
    }
    auto done = db.execute(
        "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY; PRAGMA "
        "trusted_schema = 0");
    if (done) {
        done = db.execute(options.synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                                   : "PRAGMA synchronous = NORMAL");
    }
    if (done && options.max_pages > 0) {
        if (auto set = db.integer(fmt::format("PRAGMA max_page_count = {}", options.max_pages)); !set) {
            return fail(std::move(set.error()));
        }
    }
    return done;
}

}  // namespace

class Store::Impl {
  public:
    static Result<std::unique_ptr<Impl>> open(Options options) {
        auto impl = std::make_unique<Impl>();
        impl->options = std::move(options);
        const auto& path = impl->options.path;
        auto owned = take_ownership(path);
        if (!owned) return fail(std::move(owned.error()));
        impl->owner = std::move(*owned);
        if (auto ok = check_head(path); !ok) return fail(std::move(ok.error()));
        if (auto ok = create_private(path); !ok) return fail(std::move(ok.error()));

        auto db = Database::open(path, Access::read_write, impl->options.busy_wait * 10);
        if (!db) return fail(std::move(db.error()));
        if (auto ok = impl->prepare(*db); !ok) return fail(std::move(ok.error()));
        auto recovered = recover(*db);
        if (!recovered) return fail(std::move(recovered.error()));
        auto rows = RowWriter::prepare(*db);
        if (!rows) return fail(std::move(rows.error()));
        auto pin = db->prepare("SELECT key FROM meta");
        if (!pin) return fail(std::move(pin.error()));
        auto checkpoints = Database::open(path, Access::read_write, impl->options.busy_wait);
        if (!checkpoints) return fail(std::move(checkpoints.error()));
        if (auto ok = configure(*checkpoints, impl->options); !ok) return fail(std::move(ok.error()));
        impl->writer = std::make_unique<Writer>(
            Committer::Start{.db = std::move(*db),
                             .rows = std::move(*rows),
                             .pin = std::move(*pin),
                             .last_id = recovered->last_id},
            std::move(*checkpoints), static_cast<std::uint64_t>(recovered->interrupted), impl->options);
        return impl;
    }

    Result<void> prepare(const Database& db) const {
        const auto path = options.path.string();
        std::error_code ignored;
        const auto size = static_cast<std::int64_t>(std::filesystem::file_size(options.path, ignored));
        // Before anything is written: a damaged or foreign file stays as it is.
        if (size > 0 && size <= kCheckedBytes) {
            if (auto ok = quick_check(db, path); !ok) return ok;
        }
        if (size > 0) {
            if (auto ok = check_identity(db, path); !ok) return ok;
        }
        if (auto ok = configure(db, options); !ok) return ok;
        return prepare_schema(db, path);
    }

    Options options;
    net::Fd owner;
    std::unique_ptr<Writer> writer;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(Options options) {
    auto impl = Impl::open(std::move(options));
    if (!impl) return fail(std::move(impl.error()));
    return std::unique_ptr<Store>(new Store(std::move(*impl)));
}

std::unique_ptr<ledger::Ledger> Store::ledger_for(net::Loop& loop) {
    return std::make_unique<LoopLedger>(loop, *impl_->writer, impl_->options.path);
}

ledger::Health Store::health() const {
    return impl_->writer->health();
}

Result<void> Store::close() {
    return impl_->writer->close();
}

Result<std::unique_ptr<store::Store>> open(const store::Options& options) {
    auto opened = Store::open({.path = options.path, .synchronous = options.synchronous});
    if (!opened) return fail(std::move(opened.error()));
    return std::move(*opened);
}

Result<std::vector<ledger::Entry>> read(const store::Options& options, const ledger::Query& query) {
    return read_recent(options.path, query);
}

Result<void> check_file(const store::Options& options) {
    std::error_code ignored;
    if (!std::filesystem::exists(options.path, ignored)) return {};
    return check(options.path);
}

std::string location(const store::Options& options) {
    return options.path.string();
}

}  // namespace hearth::store::sqlite
