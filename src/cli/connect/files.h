#pragma once
// Reading and replacing somebody's settings file: through symbolic links, whole or not at all, with its mode and owner.
#include <filesystem>
#include <string>

#include "base/error.h"

namespace hearth::cli::connect {

struct SettingsFile {
    std::filesystem::path real;  // where the symbolic links end
    bool there = false;
    std::string text;
    unsigned mode = 0600;  // of a new file: settings may hold a key
};

// A missing file is no error. Errors (storage): it cannot be read, is no file, or is larger than 8 MiB.
[[nodiscard]] Result<SettingsFile> read_settings(const std::filesystem::path& path);

// Errors (storage): the file is marked read-only, or its folder cannot be written; the file is as it was then.
[[nodiscard]] Result<void> replace_settings(const SettingsFile& file, const std::string& text);

// A new folder is its owner's alone.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace hearth::cli::connect
