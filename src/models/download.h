#pragma once
// One file, downloaded into partial/ and hashed meanwhile. Internal to this room; models/pull.h has the guarantees.
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/sha256.h"
#include "base/stop.h"
#include "base/task.h"
#include "models/fetch.h"
#include "net/fd.h"
#include "net/loop.h"

namespace hearth::models {

struct Wanted {
    text::Url url;
    std::string name;         // file name, for display and the store
    std::string sha256;       // expected; empty = not known
    std::uint64_t bytes = 0;  // expected; 0 = not known
};

// A file that is being written, exclusively: a second pull of the same file is Code::conflict.
class PartFile {
  public:
    // partial/<key>.part and its state partial/<key>.json; existing content is kept.
    [[nodiscard]] static Result<PartFile> open(const std::string& folder, const std::string& key);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] const std::string& etag() const { return etag_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Result<void> restart(std::string etag);       // empties it; stores the (strong) ETag
    [[nodiscard]] Result<void> append(std::string_view bytes);  // blocks: for worker threads
    // Hashes up to `bytes` bytes from `from` on; 0 at the end. Blocks.
    [[nodiscard]] Result<std::uint64_t> hash(Sha256& sum, std::uint64_t from, std::uint64_t bytes) const;
    [[nodiscard]] Result<void> sync();
    void discard();       // removes both files
    void forget_state();  // removes the state: the part has been moved

  private:
    std::string path_, state_path_, etag_;
    net::Fd fd_;
    std::uint64_t size_ = 0;
};

// Code::storage with both numbers when `missing` bytes and a reserve do not fit on the disk under `folder`.
[[nodiscard]] Result<void> check_disk(const std::string& folder, std::uint64_t missing,
                                      const PullOptions& options);

class Download {
  public:
    using Report = std::function<void(Stage, std::uint64_t done_of_this_file)>;
    Download(net::Loop& loop, Fetcher& fetcher, const PullOptions& options, std::string folder, Report report)
        : loop_(loop),
          fetcher_(fetcher),
          options_(options),
          folder_(std::move(folder)),
          report_(std::move(report)) {}

    // The finished file with its SHA-256, still in partial/. Errors as in models/pull.h.
    [[nodiscard]] Task<Result<ModelFile>> run(Wanted wanted, StopToken stop);

    // Bytes already downloaded, for the check of free disk space.
    [[nodiscard]] static std::uint64_t bytes_there(const std::string& folder, const Wanted& wanted);

  private:
    [[nodiscard]] Task<Result<void>> attempt(Wanted& wanted, PartFile& part, StopToken stop);
    [[nodiscard]] Task<Result<void>> receive(client::Response& response, Wanted& wanted, PartFile& part,
                                             StopToken stop);
    [[nodiscard]] Task<Result<Sha256>> hash_part(PartFile& part, StopToken stop);
    net::Loop& loop_;
    Fetcher& fetcher_;
    const PullOptions& options_;
    std::string folder_;
    Report report_;
    Sha256 sum_;
    std::uint64_t summed_ = 0;  // bytes of the part covered by sum_
};

}  // namespace hearth::models
