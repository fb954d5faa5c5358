#pragma once
// Keys that clients present to Hearth. The file holds one JSON-free line per key, tab-separated:
//   id  blake2b-256(key) in hex  created (RFC 3339)  project  name
// A key is "hk_" + 43 characters of base64url (32 random bytes), so a plain fast hash is enough: there is
// nothing to guess. Shown once when made, never stored.
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"

namespace hearth::config {

struct KeyInfo {
    std::string id;       // "key_…", what the ledger records
    std::string name;     // the owner's label
    std::string project;  // "default" when not given
    std::string created;  // RFC 3339
};

class KeyStore {
  public:
    // A missing file is an empty store. Errors: (corrupt) file and line; (storage) cannot be read, or is
    // readable by others than its owner.
    [[nodiscard]] static Result<KeyStore> load(const std::filesystem::path& path);

    [[nodiscard]] bool empty() const { return entries_.empty(); }
    // Which key this is, or null; valid while the store is. Takes the same time whichever key matches or none.
    [[nodiscard]] const KeyInfo* check(std::string_view presented) const;
    // True when the file was replaced since load() (inode, size or mtime): then load again. One stat(2).
    [[nodiscard]] bool changed() const;
    [[nodiscard]] std::vector<KeyInfo> list() const;

    // Both rewrite the file whole (temporary file, fsync, rename) under an flock, mode 0600.
    [[nodiscard]] static Result<std::pair<KeyInfo, Secret>> add(const std::filesystem::path& path,
                                                                std::string name, std::string project,
                                                                Random& random, Wall now);
    [[nodiscard]] static Result<KeyInfo> remove(const std::filesystem::path& path,
                                                std::string_view id_or_name);

  private:
    struct Entry {
        KeyInfo info;
        std::array<std::uint8_t, 32> hash{};
    };
    std::vector<Entry> entries_;
    std::filesystem::path path_;
    std::array<std::int64_t, 3> stamp_{};  // inode, size, mtime ns; zeros when the file is missing
};

}  // namespace hearth::config
