#pragma once
// A connection and a prepared statement as owners, and SQLite's result codes as our errors. One thread each.
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hearth::store::sqlite {

class Database;

// Parameters count from 1, columns from 0, as in SQLite. Text that is bound must live until step() or reset().
class Statement {
  public:
    Statement() = default;
    Statement& bind(int index, std::int64_t value) {
        sqlite3_bind_int64(handle_.get(), index, value);
        return *this;
    }
    Statement& bind(int index, std::string_view text) {
        sqlite3_bind_text(handle_.get(), index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        return *this;
    }
    Statement& bind_null(int index) {
        sqlite3_bind_null(handle_.get(), index);
        return *this;
    }
    Statement& bind_or_null(int index, std::string_view text) {  // empty = NULL
        return text.empty() ? bind_null(index) : bind(index, text);
    }
    Statement& bind(int index, const std::optional<std::int64_t>& value) {
        return value ? bind(index, *value) : bind_null(index);
    }

    [[nodiscard]] int step() { return sqlite3_step(handle_.get()); }  // SQLITE_ROW, SQLITE_DONE or an error
    void reset() { sqlite3_reset(handle_.get()); }
    int run() {  // step and reset, for statements without rows: SQLITE_DONE or an error
        const int code = step();
        reset();
        return code;
    }

    [[nodiscard]] std::int64_t integer(int column) const {
        return sqlite3_column_int64(handle_.get(), column);
    }
    [[nodiscard]] std::string text(int column) const;  // NULL = empty
    [[nodiscard]] std::optional<std::int64_t> maybe(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

enum class Access : std::uint8_t { read_only, read_write };

class Database {
  public:
    Database() = default;
    // Errors as storage_error(). The file is created when it is missing and access is read_write.
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path, Access access,
                                               milliseconds busy_wait);

    explicit operator bool() const { return handle_ != nullptr; }
    [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
    [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
    [[nodiscard]] Result<void> execute(const char* sql) const;  // never with values of a request in it
    [[nodiscard]] Result<std::int64_t> integer(
        std::string_view sql) const;  // first column of the first row; 0 if none
    [[nodiscard]] Result<std::string> text(std::string_view sql) const;

    // The last failure of this connection as an error.
    [[nodiscard]] Error failure() const;

  private:
    struct Close {
        void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
    };
    std::unique_ptr<sqlite3, Close> handle_;
    std::string path_;
};

// Code::corrupt for damage, Code::storage for all else; a sentence that names the file and says what to do.
[[nodiscard]] Error storage_error(int extended_code, std::string_view detail, std::string_view path,
                                  int system_errno);

}  // namespace hearth::store::sqlite
