#include "store/sqlite/reader.h"

#include <fmt/format.h>

#include <filesystem>

#include "store/sqlite/database.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/store.h"

namespace hearth::store::sqlite {

namespace {
constexpr milliseconds kReadWait{2'000};

Result<Database> open_to_read(const std::filesystem::path& path) {
    auto db = Database::open(path, Access::read_only, kReadWait);
    if (!db) return db;
    if (auto set = db->execute("PRAGMA cache_size = -512; PRAGMA trusted_schema = 0"); !set) {
        return fail(std::move(set.error()));
    }
    if (auto ours = check_identity(*db, path.string()); !ours) return fail(std::move(ours.error()));
    return db;
}
}  // namespace

Result<std::vector<ledger::Entry>> Reading::operator()() const {
    const auto db = open_to_read(path);
    if (!db) return fail(db.error());
    return select_recent(*db, query);
}

Result<std::vector<ledger::Entry>> read_recent(const std::filesystem::path& path,
                                               const ledger::Query& query) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::vector<ledger::Entry>{};
    return Reading{path, query}();
}

Result<void> check(const std::filesystem::path& path) {
    const auto db = open_to_read(path);
    if (!db) return fail(db.error());
    return quick_check(*db, path.string());
}

Result<std::filesystem::path> move_aside(const std::filesystem::path& path, Wall now) {
    auto stamp = to_rfc3339(now);
    std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
    const auto target = fmt::format("{}.damaged-{}", path.string(), stamp);
    for (const std::string_view suffix :
         {"-wal", "-shm", ""}) {  // the database last: without its -wal it is not whole
        std::error_code error;
        std::filesystem::rename(fmt::format("{}{}", path.string(), suffix),
                                fmt::format("{}{}", target, suffix), error);
        if (error && (suffix.empty() || error != std::errc::no_such_file_or_directory)) {
            return fail(Code::storage, fmt::format("{}{} cannot be renamed to {}{}: {}.", path.string(),
                                                   suffix, target, suffix, error.message()));
        }
    }
    return std::filesystem::path(target);
}

}  // namespace hearth::store::sqlite
