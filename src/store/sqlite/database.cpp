#include "store/sqlite/database.h"

#include <fmt/format.h>

#include <cstring>
#include <mutex>

namespace hearth::store::sqlite {

namespace {
void configure_once() {
    static std::once_flag once;
    // Without memory statistics SQLite takes no global mutex for each allocation.
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}
}  // namespace

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::optional<std::int64_t> Statement::maybe(int column) const {
    if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

Error storage_error(int extended_code, std::string_view detail, std::string_view path, int system_errno) {
    Error error;
    error.code = Code::storage;
    const auto system = system_errno != 0 ? fmt::format(" ({})", std::strerror(system_errno)) : std::string{};
    switch (extended_code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            error.code = Code::corrupt;
            error.message = fmt::format(
                "The ledger {} is damaged: {}. Nothing was changed. Put back a copy, or move the file and "
                "its -wal and "
                "-shm away to start a fresh one.",
                path, detail);
            break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            error.message = fmt::format(
                "The ledger {} is locked by another program. Close what has it open (a sqlite3 shell in a "
                "transaction?) "
                "and try again.",
                path);
            break;
        case SQLITE_FULL:
            error.message = fmt::format("The disk with the ledger {} is full. Make room there.", path);
            break;
        case SQLITE_CANTOPEN:
            error.message = fmt::format(
                "The ledger {} cannot be opened{}. Its folder must exist and be writable.", path, system);
            break;
        case SQLITE_READONLY:
        case SQLITE_PERM:
            error.message = fmt::format(
                "The ledger {} cannot be written{}. Check who owns it and its permissions.", path, system);
            break;
        case SQLITE_IOERR:
            error.message =
                fmt::format("Reading or writing the ledger {} failed{}: {}.", path, system, detail);
            break;
        default:
            error.message = fmt::format("The ledger {} refused an operation: {} (SQLite code {}){}.", path,
                                        detail, extended_code, system);
    }
    return error;
}

Result<Database> Database::open(const std::filesystem::path& path, Access access, milliseconds busy_wait) {
    configure_once();
    Database db;
    db.path_ = path.string();
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(db.path_.c_str(), &raw, flags, nullptr);
    db.handle_.reset(raw);
    if (code != SQLITE_OK) return fail(db.failure());
    sqlite3_busy_timeout(raw, static_cast<int>(busy_wait.count()));
    return db;
}

Result<Statement> Database::prepare(std::string_view sql) const {
    Statement statement;
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &raw, nullptr) != SQLITE_OK) {
        return fail(failure());
    }
    statement.handle_.reset(raw);
    return statement;
}

Result<void> Database::execute(const char* sql) const {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(failure());
    return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) const {
    auto statement = prepare(sql);
    if (!statement) return fail(std::move(statement.error()));
    const int code = statement->step();
    if (code == SQLITE_ROW) return statement->integer(0);
    if (code == SQLITE_DONE) return 0;
    return fail(failure());
}

Result<std::string> Database::text(std::string_view sql) const {
    auto statement = prepare(sql);
    if (!statement) return fail(std::move(statement.error()));
    const int code = statement->step();
    if (code == SQLITE_ROW) return statement->text(0);
    if (code == SQLITE_DONE) return std::string{};
    return fail(failure());
}

Error Database::failure() const {
    if (!handle_) return storage_error(SQLITE_NOMEM, "out of memory", path_, 0);
    const int code = sqlite3_extended_errcode(handle_.get());
    const int primary = code & 0xff;
    const bool system = primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR || primary == SQLITE_READONLY;
    return storage_error(code, sqlite3_errmsg(handle_.get()), path_,
                         system ? sqlite3_system_errno(handle_.get()) : 0);
}

}  // namespace hearth::store::sqlite
