#pragma once
// Record of the changes to a tool's files, for undo: $HEARTH_HOME/connect/TOOL/manifest.json and, beside it, the original
// of each file. Mode 0600 in a folder of 0700: originals may contain keys.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/connect/json_edit.h"
#include "cli/connect/plan.h"
#include "config/home.h"

namespace hearth::cli::connect {

// One setting written to a JSON file.
struct Written {
    Place place;
    std::string json;                // the written value
    std::optional<std::string> had;  // the previous value
    std::size_t made = 0;            // Edited::made
};

struct FileRecord {
    std::string path;  // before symbolic links
    FileChange::Kind kind = FileChange::Kind::json;
    bool existed = false;       // before the first `hearth connect`
    std::string original;       // the file beside the manifest; empty when there was none
    std::string before, after;  // SHA-256, in hex: of the original, of what was written
    bool whole = true;          // the file was not changed otherwise between original and `after`
    std::vector<Written> settings;
};

struct Record {
    std::string time;  // RFC 3339
    std::string origin;
    std::vector<FileRecord> files;

    [[nodiscard]] const FileRecord* find(const std::filesystem::path& path) const;
};

class Records {
  public:
    Records(const config::Home& home, std::string_view tool) : folder_(home.root / "connect" / tool) {}

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    // nullopt: the tool is not connected. Errors: (corrupt) the manifest cannot be parsed; (storage).
    [[nodiscard]] Result<std::optional<Record>> load() const;
    [[nodiscard]] Result<void> store(const Record& record) const;
    [[nodiscard]] Result<void> keep_original(std::string_view name, const std::string& text) const;
    [[nodiscard]] Result<std::string> original(const FileRecord& file) const;
    void remove_all() const;

  private:
    std::filesystem::path folder_;
};

[[nodiscard]] std::string hash_of(std::string_view text);  // SHA-256 in hex

// The result of undoing.
struct Reverted {
    std::string text;
    bool there = true;              // false: the file is removed
    bool original = false;          // identical to the original bytes
    std::vector<std::string> left;  // settings changed since, which are kept
};
// From `now`, the current text. Errors: (conflict) it was changed so that Hearth's part cannot be found.
[[nodiscard]] Result<Reverted> revert(const FileRecord& file, std::string_view now, const Records& records);

}  // namespace hearth::cli::connect
