#pragma once
// Another program that has a ledger open: a sqlite3 shell, a backup.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <vector>

namespace hearth::test {

class OtherProgram {
  public:
    using Row = std::vector<std::string>;  // SQL's NULL is "NULL"

    explicit OtherProgram(const std::filesystem::path& path) {
        REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    }
    ~OtherProgram() { sqlite3_close(db_); }
    OtherProgram(const OtherProgram&) = delete;
    OtherProgram& operator=(const OtherProgram&) = delete;

    std::vector<Row> run(const char* sql) {
        std::vector<Row> rows;
        char* message = nullptr;
        sqlite3_exec(
            db_, sql,
            [](void* into, int columns, char** values, char**) {
                auto& row = static_cast<std::vector<Row>*>(into)->emplace_back();
                for (int i = 0; i < columns; ++i) row.emplace_back(values[i] ? values[i] : "NULL");
                return 0;
            },
            &rows, &message);
        INFO((message ? message : ""));
        REQUIRE(message == nullptr);
        return rows;
    }

  private:
    sqlite3* db_ = nullptr;
};

}  // namespace hearth::test
