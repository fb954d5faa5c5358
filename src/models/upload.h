#pragma once
// A file that a client uploads in pieces, with its expected SHA-256. It stays in uploads/ until a model is created from
// it; one that is unused after a day is removed when the next upload begins.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/sha256.h"
#include "models/store.h"
#include "net/fd.h"

namespace hearth::models {

[[nodiscard]] bool is_sha256(std::string_view text);  // 64 hex digits, lower case

// Calls block: use on worker threads, one at a time.
class Upload {
  public:
    // `bytes`: as announced, 0 = not known. Code::storage when it does not fit on the disk beside a reserve.
    [[nodiscard]] static Result<Upload> begin(const Store& store, std::string sha256, std::uint64_t bytes,
                                              Wall now);
    Upload(Upload&&) = default;
    Upload& operator=(Upload&&) = delete;
    ~Upload();  // removes an unfinished file

    // Code::storage: the disk is full, or its reserve is reached.
    [[nodiscard]] Result<void> append(std::string_view bytes);
    // Verified, synced, renamed. Code::corrupt with both sums.
    [[nodiscard]] Result<void> finish();
    [[nodiscard]] std::uint64_t room() const { return room_; }  // remaining bytes

  private:
    Upload() = default;
    std::string folder_, sha256_, path_;
    net::Fd fd_;
    Sha256 sum_;
    std::uint64_t bytes_ = 0, room_ = 0;
};

}  // namespace hearth::models
