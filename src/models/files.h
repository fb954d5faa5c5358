#pragma once
// Atomic disk operations of the store. Internal to this room.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hearth::models {

[[nodiscard]] Result<void> make_private_folders(const std::string& path);  // 0700, parents too
// At most `limit` bytes; Code::not_found, Code::storage, Code::too_large.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, std::size_t limit);
// Written to a temporary file, synced, renamed; 0600.
[[nodiscard]] Result<void> write_atomically(const std::string& path, std::string_view bytes);
[[nodiscard]] Result<std::string> hash_file(const std::string& path);  // SHA-256, lower-case hex
[[nodiscard]] Result<std::uint64_t> file_size(const std::string& path);
[[nodiscard]] std::uint64_t free_bytes_at(const std::string& folder);  // for this user; 0 if unknown

// `to` appears with the content of `from`: by sharing blocks where the file system can (so that later changes of one
// do not touch the other), else by a hard link, else by a copy. An existing `to` is kept.
[[nodiscard]] Result<void> bring(const std::string& from, const std::string& to);
// Renames, synced; `from` and `to` are on one file system.
[[nodiscard]] Result<void> move_file(const std::string& from, const std::string& to);
void sync_folder(const std::string& path);

// Code::storage with path, errno's text and, for a full disk, the free space.
[[nodiscard]] Failed disk_error(std::string_view doing, const std::string& path, int error_number);

}  // namespace hearth::models
