#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "models/download.h"
#include "models/files.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::models {

Result<PartFile> PartFile::open(const std::string& folder, const std::string& key) {
    if (auto made = make_private_folders(folder); !made) return fail(made.error());
    PartFile part;
    part.path_ = fmt::format("{}/{}.part", folder, key);
    part.state_path_ = fmt::format("{}/{}.json", folder, key);
    part.fd_ = net::Fd(::open(part.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!part.fd_) return disk_error("write", part.path_, errno);
    if (::flock(part.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::conflict, "this file is already being downloaded; wait for that pull, or stop it");
    }
    struct stat info{};
    if (::fstat(part.fd_.get(), &info) != 0) return disk_error("read", part.path_, errno);
    part.size_ = static_cast<std::uint64_t>(info.st_size);
    if (const auto text = read_small_file(part.state_path_, 64 * 1024)) {
        json::Document document;
        if (const auto root = document.parse(*text)) part.etag_ = (*root)["etag"].as_string();
    }
    return part;
}

Result<void> PartFile::restart(std::string etag) {
    if (::ftruncate(fd_.get(), 0) != 0) return disk_error("write", path_, errno);
    size_ = 0;
    const bool strong =
        etag.size() > 2 && etag.front() == '"' && etag.size() < 1024;  // If-Range requires a strong ETag
    etag_ = strong ? std::move(etag) : std::string();
    std::string state;
    json::Writer(state).begin_object().member("etag", std::string_view(etag_)).end_object();
    return write_atomically(state_path_, state);
}

Result<void> PartFile::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return disk_error("write", path_, errno);
        size_ += static_cast<std::uint64_t>(wrote);
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<std::uint64_t> PartFile::hash(Sha256& sum, std::uint64_t from, std::uint64_t bytes) const {
    const auto buffer = std::make_unique<std::uint8_t[]>(1 << 20);
    std::uint64_t done = 0;
    while (done < bytes) {
        const auto want = std::min<std::uint64_t>(bytes - done, 1 << 20);
        const auto got = ::pread(fd_.get(), buffer.get(), want, static_cast<off_t>(from + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error("read", path_, errno);
        if (got == 0) break;
        sum.update({buffer.get(), static_cast<std::size_t>(got)});
        done += static_cast<std::uint64_t>(got);
    }
    return done;
}

Result<void> PartFile::sync() {
    if (::fsync(fd_.get()) != 0) return disk_error("write", path_, errno);
    return {};
}

void PartFile::discard() {
    ::unlink(path_.c_str());
    forget_state();
    size_ = 0;
}

void PartFile::forget_state() {
    ::unlink(state_path_.c_str());
}

}  // namespace hearth::models
