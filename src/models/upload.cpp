#include "models/upload.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "models/files.h"
#include "models/memory.h"

namespace hearth::models {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kReserve = 512ULL << 20;  // of the disk, for other programs
constexpr auto kKept = std::chrono::hours(24);

void remove_forgotten(const std::string& folder, Wall now) {
    const auto oldest = std::chrono::duration_cast<seconds>((now - kKept).time_since_epoch()).count();
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        struct stat info{};
        const auto path = at->path().string();
        if (::stat(path.c_str(), &info) == 0 && info.st_mtim.tv_sec < oldest) ::unlink(path.c_str());
    }
}

Failed no_room(const std::string& folder, std::uint64_t needed, std::uint64_t room) {
    auto error =
        fail(Code::storage, fmt::format("the upload needs {}, but {} has {} available (a reserve is kept)",
                                        human_bytes(needed), folder, human_bytes(room)));
    error.error()->needed = static_cast<std::int64_t>(needed);
    error.error()->limit = static_cast<std::int64_t>(room);
    return error;
}

}  // namespace

bool is_sha256(std::string_view text) {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<Upload> Upload::begin(const Store& store, std::string sha256, std::uint64_t bytes, Wall now) {
    if (!is_sha256(sha256))
        return fail(Code::invalid_request, "a digest must be sha256: and 64 hex digits", "digest");
    Upload out;
    out.folder_ = store.upload_dir();
    out.sha256_ = std::move(sha256);
    if (auto made = make_private_folders(out.folder_); !made) return fail(made.error());
    remove_forgotten(out.folder_, now);
    const auto left = free_bytes_at(out.folder_);
    out.room_ = left > kReserve ? left - kReserve : 0;
    if (bytes > out.room_) return no_room(out.folder_, bytes, out.room_);
    out.path_ = out.folder_ + "/part.XXXXXX";
    out.fd_ = net::Fd(::mkostemp(out.path_.data(), O_CLOEXEC));  // 0600
    if (!out.fd_) {
        auto error = disk_error("write", out.path_, errno);
        out.path_.clear();
        return error;
    }
    return out;
}

Upload::~Upload() {
    if (fd_ && !path_.empty()) ::unlink(path_.c_str());
}

Result<void> Upload::append(std::string_view bytes) {
    bytes_ += bytes.size();
    if (bytes_ > room_) return no_room(folder_, bytes_, room_);
    sum_.update(bytes);
    while (!bytes.empty()) {
        const auto wrote = ::write(fd_.get(), bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return disk_error("write", path_, errno);
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<void> Upload::finish() {
    const auto found = to_hex(sum_.finish());
    if (found != sha256_) {
        return fail(Code::corrupt,
                    fmt::format("digest mismatch: the {} received bytes have sha256:{}, not sha256:{}",
                                bytes_, found, sha256_));
    }
    if (::fsync(fd_.get()) != 0) return disk_error("write", path_, errno);
    auto moved = move_file(path_, fmt::format("{}/sha256-{}", folder_, sha256_));
    if (moved) path_.clear();
    return moved;
}

}  // namespace hearth::models
