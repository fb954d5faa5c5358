#include "cli/connect/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hearth::cli::connect {

namespace {

constexpr std::size_t kFileBytes = 8 * 1024 * 1024;
constexpr int kLinks = 40;  // as in the kernel

Failed cannot(const std::filesystem::path& path, std::string_view what, int why) {
    return fail(Code::storage, fmt::format("{} cannot be {}: {}.", path.string(), what, std::strerror(why)));
}

// A dangling link counts as well: the file is created at its target.
std::filesystem::path follow(std::filesystem::path path) {
    std::error_code error;
    for (int i = 0; i < kLinks && std::filesystem::is_symlink(path, error); ++i) {
        const auto to = std::filesystem::read_symlink(path, error);
        if (error) break;
        path = to.is_absolute() ? to : path.parent_path() / to;
    }
    return path.lexically_normal();
}

bool write_whole(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return ::fsync(fd) == 0;
}

}  // namespace

Result<SettingsFile> read_settings(const std::filesystem::path& path) {
    SettingsFile file{.real = follow(path)};
    const int fd = ::open(file.real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno == ENOENT) return file;
        return cannot(file.real, "read", errno);
    }
    struct stat info{};
    const bool known = ::fstat(fd, &info) == 0;
    if (!known || !S_ISREG(info.st_mode) || static_cast<std::size_t>(info.st_size) > kFileBytes) {
        (void)::close(fd);
        return fail(Code::storage,
                    fmt::format("{} is not a settings file: it is {}.", file.real.string(),
                                S_ISREG(info.st_mode) ? "larger than 8 MiB" : "not a regular file"));
    }
    file.there = true;
    file.mode = info.st_mode & 07777;
    std::array<char, 16 * 1024> buffer{};
    ssize_t n = 0;
    while ((n = ::read(fd, buffer.data(), buffer.size())) > 0 && file.text.size() <= kFileBytes)
        file.text.append(buffer.data(), static_cast<std::size_t>(n));
    const int why = errno;
    (void)::close(fd);
    if (n < 0) return cannot(file.real, "read", why);
    return file;
}

Result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) return {};
    if (folder.has_relative_path()) {
        if (auto made = make_folder(folder.parent_path()); !made) return made;
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot(folder, "made", errno);
    return {};
}

Result<void> replace_settings(const SettingsFile& file, const std::string& text) {
    const auto& path = file.real;
    // Renaming a new file over it would succeed, but the file was made read-only on purpose (e.g. by a home manager).
    if (file.there && (file.mode & 0222) == 0) {
        return fail(Code::storage,
                    fmt::format("{} is read-only. Run: chmod u+w {}", path.string(), path.string()));
    }
    if (auto made = make_folder(path.parent_path()); !made) return made;
    auto fresh = (path.parent_path() / fmt::format(".{}.hearth-XXXXXX", path.filename().string())).string();
    const int fd = ::mkostemp(fresh.data(), O_CLOEXEC);
    if (fd < 0) return cannot(path, "written", errno);
    struct stat info{};
    if (file.there && ::stat(path.c_str(), &info) == 0) (void)!::fchown(fd, info.st_uid, info.st_gid);
    bool good = ::fchmod(fd, file.mode) == 0 && write_whole(fd, text);
    int why = good ? 0 : errno;
    (void)::close(fd);
    if (good && ::rename(fresh.c_str(), path.c_str()) != 0) {
        good = false;
        why = errno;
    }
    if (good) return {};
    (void)::unlink(fresh.c_str());
    return cannot(path, "written", why);
}

}  // namespace hearth::cli::connect
