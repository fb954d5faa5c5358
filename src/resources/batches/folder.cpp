#include "resources/batches/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

#include "models/files.h"
#include "net/fd.h"
#include "resources/files/store.h"

namespace hearth::resources {

namespace {
namespace fs = std::filesystem;
constexpr std::size_t kStateBytes = 256 * 1024;
}  // namespace

std::vector<Batch> BatchFolder::load() const {
    std::vector<Batch> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path_, error)) {
        if (entry.path().extension() != ".json") continue;
        const auto text = models::read_small_file(entry.path().string(), kStateBytes);
        auto batch = text ? read_batch(*text) : Result<Batch>(fail(text.error()));
        if (batch && entry.path().stem() == batch->id) out.push_back(std::move(*batch));
    }
    return out;
}

Result<void> BatchFolder::save(const std::string& id, std::uint64_t number, std::string_view json) {
    const std::lock_guard lock(mutex_);
    auto& last = saved_[id];
    if (number <= last) return {};
    if (auto made = models::make_private_folders(path_.string()); !made) return made;
    auto written = models::write_atomically((path_ / (id + ".json")).string(), json);
    if (written) last = number;
    return written;
}

void BatchFolder::remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    std::error_code ignored;
    fs::remove(path_ / (id + ".json"), ignored);
    remove_results(id);
}

fs::path BatchFolder::results(const std::string& id, Results which) const {
    return path_ / (id + (which == Results::output ? ".output" : ".errors"));
}

void BatchFolder::remove_results(const std::string& id) const {
    std::error_code ignored;
    fs::remove(results(id, Results::output), ignored);
    fs::remove(results(id, Results::errors), ignored);
}

Result<std::int64_t> BatchFolder::recover(const std::string& id, Results which) const {
    const auto path = results(id, which);
    std::ifstream in(path, std::ios::binary);
    if (!in) return 0;
    constexpr std::size_t kPiece = std::size_t{1} << 18;
    const auto buffer = std::make_unique<char[]>(kPiece);
    std::uint64_t at = 0, whole = 0;
    std::int64_t lines = 0;
    while (in) {
        in.read(buffer.get(), kPiece);
        const std::string_view piece(buffer.get(), static_cast<std::size_t>(in.gcount()));
        for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n', end + 1)) {
            ++lines;
            whole = at + end + 1;
        }
        at += piece.size();
    }
    std::error_code error;
    if (whole < at) fs::resize_file(path, whole, error);
    if (error) return fail(Code::storage, fmt::format("{}: {}", path.string(), error.message()));
    return lines;
}

Result<void> BatchFolder::append(const std::string& id, Results which, std::string_view line) const {
    const auto path = results(id, which).string();
    const net::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!fd) return models::disk_error("open", path, errno);
    const auto before = ::lseek(fd.get(), 0, SEEK_END);
    while (!line.empty()) {
        const auto put = ::write(fd.get(), line.data(), line.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {  // a line is there as a whole or not at all
            const auto number = errno;
            [[maybe_unused]] const auto cut = ::ftruncate(fd.get(), before);
            return models::disk_error("write", path, number);
        }
        line.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

}  // namespace hearth::resources
