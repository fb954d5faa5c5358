#pragma once
// From a plan to the new text of each file, and from there to the files. A second `hearth connect` first takes out what
// the first one put in, so that it can be repeated with other models and settings.
#include <string>
#include <vector>

#include "cli/connect/files.h"
#include "cli/connect/plan.h"
#include "cli/connect/record.h"

namespace hearth::cli::connect {

struct Draft {
    std::filesystem::path path;  // as the tool names it
    SettingsFile file;           // as it is now
    std::string text;            // as it would be
    FileRecord record;
    std::string original;  // to be kept, when `record.existed`
    std::string
        by_hand;  // not empty: the file cannot be edited, and why; then `text` is what belongs into it
    [[nodiscard]] bool changes() const { return by_hand.empty() && (!file.there || text != file.text); }
};

struct Drafts {
    Plan plan;
    std::vector<Draft> files;
};

// Reads the files, changes none. Errors: those of the plan; a file cannot be read; its marks are broken.
[[nodiscard]] Result<Drafts> draft(const Tool& tool, const Target& target, const Records& records);

// Keeps the originals, writes the record, then the files. When one cannot be written the others are put back.
[[nodiscard]] Result<void> write(const std::vector<Draft>& files, Record record, const Records& records);

// Only the settings of a file, as if it were empty.
[[nodiscard]] std::string snippet(const FileChange& change);

struct Undo {
    std::filesystem::path path;
    SettingsFile file;
    Reverted to;
    std::string refused;  // not empty: why it cannot be undone without --force
};
// `force`: the originals come back, whatever has been changed since. Errors: an original is gone, a file unreadable.
[[nodiscard]] Result<std::vector<Undo>> plan_undo(const Record& record, const Records& records, bool force);
[[nodiscard]] Result<void> write(const std::vector<Undo>& files);

}  // namespace hearth::cli::connect
