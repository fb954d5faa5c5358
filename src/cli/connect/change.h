#pragma once
// Computes the new text of each file of a plan, and writes the files. A second `hearth connect` first removes the changes
// of the first, so that it can be repeated with other models and settings.
#include <string>
#include <vector>

#include "cli/connect/files.h"
#include "cli/connect/plan.h"
#include "cli/connect/record.h"

namespace hearth::cli::connect {

struct Draft {
    std::filesystem::path path;  // before symbolic links
    SettingsFile file;           // current state
    std::string text;            // new text
    FileRecord record;
    std::string original;  // to be saved, when `record.existed`
    std::string
        by_hand;  // not empty: the reason why the file cannot be edited; then `text` is the part to add
    [[nodiscard]] bool changes() const { return by_hand.empty() && (!file.there || text != file.text); }
};

struct Drafts {
    Plan plan;
    std::vector<Draft> files;
};

// Reads the files, changes none. Errors: those of the plan; an unreadable file; unbalanced marks.
[[nodiscard]] Result<Drafts> draft(const Tool& tool, const Target& target, const Records& records);

// Saves the originals, writes the record, then the files. If one cannot be written the others are restored.
[[nodiscard]] Result<void> write(const std::vector<Draft>& files, Record record, const Records& records);

// The settings of a file alone, as for an empty file.
[[nodiscard]] std::string snippet(const FileChange& change);

struct Undo {
    std::filesystem::path path;
    SettingsFile file;
    Reverted to;
    std::string refused;  // not empty: why it cannot be undone without --force
};
// `force`: restores the originals, discarding later changes. Errors: an original is missing, a file unreadable.
[[nodiscard]] Result<std::vector<Undo>> plan_undo(const Record& record, const Records& records, bool force);
[[nodiscard]] Result<void> write(const std::vector<Undo>& files);

}  // namespace hearth::cli::connect
