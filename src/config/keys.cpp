#include "config/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace hearth::config {

namespace {

using Hash = std::array<std::uint8_t, 32>;
constexpr std::size_t kKeysBytes = 4 * 1024 * 1024;
constexpr std::size_t kNameBytes = 128;

Hash hash_of(std::string_view key) {
    static const bool ready = sodium_init() >= 0;  // chooses the processor's fast code
    (void)ready;
    Hash hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(key.data()),
                       key.size(), nullptr, 0);
    return hash;
}

std::string hex(const Hash& hash) {
    std::array<char, 65> text{};
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    return text.data();
}

bool label(std::string_view text) {
    if (text.empty() || text.size() > kNameBytes) return false;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    }
    return true;
}

Failed storage(const std::filesystem::path& path, std::string_view what, int why) {
    return fail(Code::storage,
                fmt::format("The key file {} cannot be {}: {}.", path.string(), what, std::strerror(why)));
}

std::array<std::int64_t, 3> stamp_of(const struct stat& info) {
    return {static_cast<std::int64_t>(info.st_ino), info.st_size,
            info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

// Fields of one line; false when it is not a key's line.
bool split(std::string_view line, std::array<std::string_view, 5>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto tab = line.find('\t');
        if ((tab == std::string_view::npos) != (i == fields.size() - 1)) return false;
        fields[i] = line.substr(0, tab);
        line.remove_prefix(i == fields.size() - 1 ? line.size() : tab + 1);
        if (fields[i].empty()) return false;
    }
    return true;
}

// Holds an exclusive flock beside the key file while it is rewritten: two `hearth key add` lose nothing.
class Guard {
  public:
    explicit Guard(const std::filesystem::path& path)
        : fd_(::open((path.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (fd_ >= 0) (void)::flock(fd_, LOCK_EX);
    }
    ~Guard() {
        if (fd_ >= 0) (void)::close(fd_);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

  private:
    int fd_;
};

Result<void> replace(const std::filesystem::path& path, const std::string& text) {
    const auto fresh = path.string() + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return storage(path, "written", errno);
    const bool written =
        ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    const int why = written ? 0 : errno;
    (void)::close(fd);
    if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
        const int reason = why != 0 ? why : errno;
        (void)::unlink(fresh.c_str());
        return storage(path, "written", reason);
    }
    return {};
}

std::string line_of(const KeyInfo& info, const Hash& hash) {
    return fmt::format("{}\t{}\t{}\t{}\t{}\n", info.id, hex(hash), info.created, info.project, info.name);
}

}  // namespace

Result<KeyStore> KeyStore::load(const std::filesystem::path& path) {
    KeyStore store;
    store.path_ = path;
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return store;
        return storage(path, "read", errno);
    }
    if ((info.st_mode & 0077) != 0) {
        return fail(Code::storage, fmt::format("The key file {} can be read by others. Run: chmod 600 {}",
                                               path.string(), path.string()));
    }
    if (static_cast<std::size_t>(info.st_size) > kKeysBytes) {
        return fail(Code::corrupt, fmt::format("The key file {} is larger than 4 MiB.", path.string()));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) return storage(path, "read", errno);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        std::array<std::string_view, 5> fields;
        Entry entry;
        std::size_t size = 0;
        if (!split(line, fields) || fields[1].size() != 64 ||
            sodium_hex2bin(entry.hash.data(), entry.hash.size(), fields[1].data(), 64, nullptr, &size,
                           nullptr) != 0 ||
            size != entry.hash.size()) {
            return fail(Code::corrupt,
                        fmt::format("{}:{}: this is no line of a key file. Restore it or remove the line.",
                                    path.string(), number));
        }
        entry.info = {.id = std::string(fields[0]),
                      .name = std::string(fields[4]),
                      .project = std::string(fields[3]),
                      .created = std::string(fields[2])};
        store.entries_.push_back(std::move(entry));
    }
    store.stamp_ = stamp_of(info);
    return store;
}

const KeyInfo* KeyStore::check(std::string_view presented) const {
    const auto hash = hash_of(presented);
    const Entry* found = nullptr;
    for (const auto& entry : entries_) {
        if (sodium_memcmp(entry.hash.data(), hash.data(), hash.size()) == 0) found = &entry;
    }
    return found ? &found->info : nullptr;
}

bool KeyStore::changed() const {
    struct stat info{};
    const bool there = ::stat(path_.c_str(), &info) == 0;
    return (there ? stamp_of(info) : std::array<std::int64_t, 3>{}) != stamp_;
}

std::vector<KeyInfo> KeyStore::list() const {
    std::vector<KeyInfo> infos;
    for (const auto& entry : entries_) infos.push_back(entry.info);
    return infos;
}

Result<std::pair<KeyInfo, Secret>> KeyStore::add(const std::filesystem::path& path, std::string name,
                                                 std::string project, Random& random, Wall now) {
    if (project.empty()) project = "default";
    if (!label(name) || !label(project)) {
        return fail(Code::invalid_request,
                    "A key's name and project are 1 to 128 bytes without control characters.");
    }
    const Guard guard(path);
    auto store = load(path);
    if (!store) return fail(std::move(store.error()));
    std::string text;
    for (const auto& entry : store->entries_) {
        if (entry.info.name == name) {
            return fail(
                Code::conflict,
                fmt::format("There is a key \"{}\" already ({}). Choose another name or remove it first: "
                            "hearth key rm {}",
                            name, entry.info.id, entry.info.id));
        }
        text += line_of(entry.info, entry.hash);
    }
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes);
    std::array<char, 64> encoded{};
    sodium_bin2base64(encoded.data(), encoded.size(), bytes.data(), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    Secret key(std::string("hk_") + encoded.data());
    sodium_memzero(bytes.data(), bytes.size());
    sodium_memzero(encoded.data(), encoded.size());
    KeyInfo info{.id = make_id("key_", random).substr(0, 16),
                 .name = std::move(name),
                 .project = std::move(project),
                 .created = to_rfc3339(now)};
    text += line_of(info, hash_of(key.reveal()));
    if (auto written = replace(path, text); !written) return fail(std::move(written.error()));
    return std::pair(std::move(info), std::move(key));
}

Result<KeyInfo> KeyStore::remove(const std::filesystem::path& path, std::string_view id_or_name) {
    const Guard guard(path);
    auto store = load(path);
    if (!store) return fail(std::move(store.error()));
    std::string text;
    std::optional<KeyInfo> removed;
    for (const auto& entry : store->entries_) {
        if (!removed && (entry.info.id == id_or_name || entry.info.name == id_or_name)) {
            removed = entry.info;
        } else {
            text += line_of(entry.info, entry.hash);
        }
    }
    if (!removed) {
        return fail(Code::not_found,
                    fmt::format("There is no key \"{}\". `hearth key list` shows them.", id_or_name));
    }
    if (auto written = replace(path, text); !written) return fail(std::move(written.error()));
    return *removed;
}

}  // namespace hearth::config
