#include "models/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

#include "base/sha256.h"
#include "models/memory.h"
#include "net/fd.h"

namespace hearth::models {
namespace {

constexpr std::size_t kBuffer = 1 << 20;

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const auto wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return disk_error("write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<void> sync_and_close(net::Fd& fd, const std::string& path) {
    if (::fsync(fd.get()) != 0) return disk_error("write", path, errno);
    fd.close();
    return {};
}

Result<void> copy_bytes(int from, int to, const std::string& from_path, const std::string& to_path) {
    const auto buffer = std::make_unique<char[]>(kBuffer);
    while (true) {
        const auto got = ::read(from, buffer.get(), kBuffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error("read", from_path, errno);
        if (got == 0) return {};
        if (auto wrote = write_all(to, {buffer.get(), static_cast<std::size_t>(got)}, to_path); !wrote)
            return wrote;
    }
}

std::string folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
}

// A unique name in the same folder.
net::Fd open_beside(const std::string& path, std::string& made) {
    made = path + ".XXXXXX";
    return net::Fd(::mkostemp(made.data(), O_CLOEXEC));  // 0600
}

}  // namespace

Failed disk_error(std::string_view doing, const std::string& path, int error_number) {
    const auto room = error_number == ENOSPC || error_number == EDQUOT
                          ? fmt::format(" ({} are free; free some space, or set HEARTH_HOME to another disk)",
                                        human_bytes(free_bytes_at(folder_of(path))))
                          : std::string();
    return fail(Code::storage,
                fmt::format("cannot {} {}: {}{}", doing, path, std::strerror(error_number), room));
}

Result<void> make_private_folders(const std::string& path) {
    for (std::size_t at = 1; at != std::string::npos;) {
        at = path.find('/', at);
        const auto part = path.substr(0, at);
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST)
            return disk_error("make the folder", part, errno);
        if (at != std::string::npos) ++at;
    }
    return {};
}

Result<std::string> read_small_file(const std::string& path, std::size_t limit) {
    const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd && errno == ENOENT) return fail(Code::not_found, fmt::format("{} does not exist", path));
    if (!fd) return disk_error("open", path, errno);
    std::string out;
    char buffer[8192];
    while (out.size() <= limit) {
        const auto got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error("read", path, errno);
        if (got == 0) return out;
        out.append(buffer, static_cast<std::size_t>(got));
    }
    return fail(Code::too_large, fmt::format("{} has more than {} bytes", path, limit));
}

Result<void> write_atomically(const std::string& path, std::string_view bytes) {
    std::string beside;
    auto fd = open_beside(path, beside);
    if (!fd) return disk_error("write", path, errno);
    auto done = write_all(fd.get(), bytes, beside);
    if (done) done = sync_and_close(fd, beside);
    if (done) done = move_file(beside, path);
    if (!done) ::unlink(beside.c_str());
    return done;
}

Result<std::string> hash_file(const std::string& path) {
    const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return disk_error("open", path, errno);
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    Sha256 sum;
    const auto buffer = std::make_unique<std::uint8_t[]>(kBuffer);
    while (true) {
        const auto got = ::read(fd.get(), buffer.get(), kBuffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error("read", path, errno);
        if (got == 0) return to_hex(sum.finish());
        sum.update(std::span(buffer.get(), static_cast<std::size_t>(got)));
    }
}

Result<std::uint64_t> file_size(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return fail(Code::not_found, fmt::format("{} does not exist", path));
        return disk_error("read", path, errno);
    }
    if (!S_ISREG(info.st_mode)) return fail(Code::invalid_request, fmt::format("{} is not a file", path));
    return static_cast<std::uint64_t>(info.st_size);
}

std::uint64_t free_bytes_at(const std::string& folder) {
    struct statvfs info{};
    std::filesystem::path at = folder;
    while (::statvfs(at.c_str(), &info) != 0) {  // the folder may not exist yet
        if (!at.has_relative_path()) return 0;
        at = at.parent_path();
    }
    return std::uint64_t{info.f_bavail} * info.f_frsize;
}

void sync_folder(const std::string& path) {
    const net::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

Result<void> move_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return disk_error("write", to, errno);
    sync_folder(folder_of(to));
    return {};
}

Result<void> bring(const std::string& from, const std::string& to) {
    if (::access(to.c_str(), F_OK) == 0) return {};
    const net::Fd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!source) return disk_error("open", from, errno);
    std::string beside;
    auto made = open_beside(to, beside);
    if (!made) return disk_error("write", to, errno);
    Result<void> done;
    if (::ioctl(made.get(), FICLONE, source.get()) != 0) {
        if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) {
            ::unlink(beside.c_str());
            sync_folder(folder_of(to));
            return {};
        }
        done = copy_bytes(source.get(), made.get(), from, to);
    }
    if (done) done = sync_and_close(made, beside);
    if (done) done = move_file(beside, to);
    if (!done) ::unlink(beside.c_str());
    return done;
}

}  // namespace hearth::models
