#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "provider/provider.h"

namespace hearth::provider {

namespace {
constexpr std::size_t kKeyFileBytes = 16 * 1024;

struct Descriptor {
    int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};
}  // namespace

Result<KeyFile> read_secret_file(const std::filesystem::path& path) {
    const Descriptor file{
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // a FIFO must not block the start
    struct stat info{};
    if (file.fd < 0 || ::fstat(file.fd, &info) != 0) {
        return fail(Code::config,
                    fmt::format("The key file {} cannot be read: {}.", path.string(), std::strerror(errno)));
    }
    if (!S_ISREG(info.st_mode))
        return fail(Code::config, fmt::format("The key file {} is not a file.", path.string()));
    if ((info.st_mode & 007) != 0) {
        return fail(Code::config,
                    fmt::format("The key file {} can be read or changed by every user of this machine (mode "
                                "{:04o}). Run: chmod 600 {}",
                                path.string(), info.st_mode & 07777u, path.string()));
    }
    std::string text(kKeyFileBytes + 1, '\0');
    const auto got = ::read(file.fd, text.data(), text.size());
    if (got < 0) {
        return fail(Code::config,
                    fmt::format("The key file {} cannot be read: {}.", path.string(), std::strerror(errno)));
    }
    if (static_cast<std::size_t>(got) > kKeyFileBytes) {
        return fail(Code::config,
                    fmt::format("The key file {} is larger than {} bytes.", path.string(), kKeyFileBytes));
    }
    text.resize(static_cast<std::size_t>(got));
    KeyFile key{.key = Secret(text), .warning = {}};
    explicit_bzero(text.data(), text.size());
    if ((info.st_mode & 070) != 0) {
        key.warning = fmt::format("The key file {} can be read by its group (mode {:04o}).", path.string(),
                                  info.st_mode & 07777u);
    }
    return key;
}

Result<KeyFile> read_key_file(const std::filesystem::path& path) {
    auto file = read_secret_file(path);
    if (!file) return file;
    auto line = file->key.reveal();
    line = line.substr(0, line.find('\n'));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty()) {
        return fail(Code::config,
                    fmt::format("The key file {} has no key in its first line.", path.string()));
    }
    file->key = Secret(std::string(line));
    return file;
}

}  // namespace hearth::provider
