#pragma once
// Files of /v1/files that are kept here: HEARTH_HOME/files, for its owner's eyes alone (folder 0700, files 0600). Each is
// two files, its bytes and a JSON object beside them, both named by an id of ours; nothing of a request becomes a path.
// Every project sees its own only. The calls block (Loop::run_blocking) and may be made from any thread.
//
//   files/file-0c3f...        the bytes, as they came
//   files/file-0c3f....json   what is known of them
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hearth::resources {

struct StoredFile {
    std::string id, project, filename, purpose;
    std::uint64_t bytes = 0;
    std::int64_t created_s = 0, expires_s = 0;  // seconds since 1970
};

// OpenAI's file object. `with_project`: as it lies on disk.
[[nodiscard]] std::string to_json(const StoredFile& file, bool with_project = false);

// Ids that may be looked up: letters, digits, '_' and '-', at most 100.
[[nodiscard]] bool is_file_id(std::string_view id);

struct FileStoreOptions {
    std::filesystem::path path;
    seconds keep{30 * 86'400};
    std::uint64_t max_bytes = std::uint64_t{1024} << 20;  // of all projects together
    std::size_t max_files = 20'000;
};

class FileStore {
  public:
    using Options = FileStoreOptions;
    explicit FileStore(Options options) : options_(std::move(options)) {}

    // `file`: filename, purpose and project; the rest is made. Errors: too_large (the store is full: what to do), storage.
    [[nodiscard]] Result<StoredFile> add(StoredFile file, std::string_view bytes, std::optional<seconds> keep,
                                         Wall now);
    // Takes a file that was written beside (a batch's results) under an id that was drawn before; again is as good as
    // once. Never refused for want of room: what has been worked for is not thrown away.
    [[nodiscard]] Result<StoredFile> adopt(StoredFile file, const std::filesystem::path& from,
                                           std::optional<seconds> keep, Wall now);
    // Error: not_found, also for another project's and for what has expired.
    [[nodiscard]] Result<StoredFile> find(std::string_view id, std::string_view project, Wall now);
    [[nodiscard]] Result<void> remove(std::string_view id, std::string_view project, Wall now);
    // At most `most` bytes from `offset`; fewer only at the end.
    [[nodiscard]] Result<std::string> read(const StoredFile& file, std::uint64_t offset, std::size_t most);
    [[nodiscard]] std::vector<StoredFile> list(std::string_view project, Wall now);  // oldest first
    void remove_expired(Wall now);
    [[nodiscard]] std::uint64_t room() const;  // bytes until the limit; does not block

  private:
    using Index = std::map<std::string, StoredFile, std::less<>>;
    void load();  // reads the folder once; what was half written or half deleted goes
    [[nodiscard]] Result<void> reserve(std::uint64_t bytes);
    [[nodiscard]] Result<StoredFile> write_facts(StoredFile file, std::optional<seconds> keep, Wall now);
    [[nodiscard]] Index::iterator drop(Index::iterator at);
    [[nodiscard]] std::filesystem::path bytes_of(const std::string& id) const { return options_.path / id; }
    [[nodiscard]] std::filesystem::path facts_of(const std::string& id) const {
        return options_.path / (id + ".json");
    }

    Options options_;
    std::mutex mutex_;
    bool loaded_ = false;
    Index files_;
    std::atomic<std::uint64_t> bytes_ = 0;  // with what is being written
};

}  // namespace hearth::resources
