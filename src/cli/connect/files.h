#pragma once
// Reading and atomically replacing a settings file: through symbolic links, keeping mode and owner.
#include <filesystem>
#include <string>

#include "base/error.h"

namespace hearth::cli::connect {

struct SettingsFile {
    std::filesystem::path real;  // after resolving symbolic links
    bool there = false;
    std::string text;
    unsigned mode = 0600;  // of a new file: settings may contain a key
};

// A missing file is not an error. Errors (storage): unreadable, not a regular file, or larger than 8 MiB.
[[nodiscard]] Result<SettingsFile> read_settings(const std::filesystem::path& path);

// Errors (storage): the file is read-only, or its folder is not writable; the file is then unchanged.
[[nodiscard]] Result<void> replace_settings(const SettingsFile& file, const std::string& text);

// New folders are private (0700).
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace hearth::cli::connect
