#pragma once
// GGUF files in folders that the owner names ([engine] models_dirs). They are served where they are: nothing there is ever
// written or deleted. Internal to this room.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/discover.h"
#include "models/store.h"

namespace hearth::models {

// Limits, so that a folder that was not meant ("/") costs a bounded time. A sentence says when they are met.
inline constexpr std::size_t kFolderEntries = 65'536;  // looked at, all folders together
inline constexpr std::size_t kFolderModels = 1024;
inline constexpr int kFolderDepth = 8;

struct FolderScan {
    std::vector<std::filesystem::path> files;  // *.gguf in the order of the folders, then by path
    std::vector<std::string> warnings;         // folders that are missing or cannot be read, limits
    std::uint64_t stamp = 0;  // changes with any file's path, size or time, and with the warnings
};

// Folders are searched recursively. A link to a file counts as that file; links to folders are not followed (they may
// lead back), except where the owner names one. `store_root` is left out: its files have names already.
[[nodiscard]] FolderScan scan_folders(const std::vector<std::filesystem::path>& folders,
                                      const std::filesystem::path& store_root,
                                      std::size_t most_entries = kFolderEntries);

// The name that a file gets when nobody says one: its stem, without the number of a split file's part.
[[nodiscard]] Result<Name> name_of_file(const std::filesystem::path& file);

// Adds the models of the folders to `listing`. A name that is already there keeps its model: the other is a warning.
void list_folders(FactsCache& cache, const std::vector<std::filesystem::path>& folders,
                  const std::filesystem::path& store_root, Store::Listing& listing);

}  // namespace hearth::models
