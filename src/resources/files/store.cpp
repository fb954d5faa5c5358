#include "resources/files/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "models/files.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::resources {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFactsBytes = 64 * 1024;
constexpr std::string_view kFactsEnding = ".json";

std::int64_t seconds_of(Wall time) {
    return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

Failed not_found(std::string_view id) {
    return fail(Code::not_found, fmt::format("No such File object: {}", id.substr(0, 100)), "id");
}

std::optional<StoredFile> read_facts(const fs::path& path) {
    const auto text = models::read_small_file(path.string(), kFactsBytes);
    if (!text) return std::nullopt;
    json::Document document;
    const auto root = document.parse(*text);
    if (!root) return std::nullopt;
    StoredFile file;
    file.id = (*root)["id"].as_string();
    file.project = (*root)["project"].as_string();
    file.filename = (*root)["filename"].as_string();
    file.purpose = (*root)["purpose"].as_string();
    file.bytes = (*root)["bytes"].as_uint().value_or(0);
    file.created_s = (*root)["created_at"].as_int().value_or(0);
    file.expires_s = (*root)["expires_at"].as_int().value_or(0);
    if (!is_file_id(file.id) || path.filename() != file.id + std::string(kFactsEnding)) return std::nullopt;
    return file;
}

}  // namespace

std::string to_json(const StoredFile& file, bool with_project) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", file.id).member("object", "file");
    if (with_project) w.member("project", file.project);
    w.member("bytes", file.bytes).member("created_at", file.created_s);
    w.member("filename", file.filename).member("purpose", file.purpose).member("status", "processed");
    w.member("expires_at", file.expires_s).end_object();
    return out;
}

bool is_file_id(std::string_view id) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !id.empty() && id.size() <= 100 && std::ranges::all_of(id, fits);
}

void FileStore::load() {
    if (std::exchange(loaded_, true)) return;
    std::error_code error;
    std::vector<fs::path> strangers;
    for (const auto& entry : fs::directory_iterator(options_.path, error)) {
        if (!entry.is_regular_file(error)) continue;
        if (entry.path().extension() != kFactsEnding) {
            strangers.push_back(entry.path());
            continue;
        }
        const auto file = read_facts(entry.path());
        if (file && fs::exists(bytes_of(file->id), error)) {
            bytes_ += file->bytes;
            files_.emplace(file->id, *file);
        } else {
            strangers.push_back(entry.path());
        }
    }
    for (const auto& path : strangers) {
        const auto name = path.filename().string();
        if (name.starts_with("file-") && !files_.contains(name)) fs::remove(path, error);
    }
}

Result<StoredFile> FileStore::write_facts(StoredFile file, std::optional<seconds> keep, Wall now) {
    file.created_s = seconds_of(now);
    file.expires_s = file.created_s + keep.value_or(options_.keep).count();
    auto written = models::write_atomically(facts_of(file.id).string(), to_json(file, true));
    if (!written) return fail(std::move(written.error()));
    return file;
}

Result<void> FileStore::reserve(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (files_.size() >= options_.max_files || bytes > options_.max_bytes ||
        bytes_ > options_.max_bytes - bytes) {
        return fail(Code::too_large,
                    fmt::format("The {} files kept here have {} of at most {} bytes, too many for {} more: "
                                "delete some, or raise [files] max_mb.",
                                files_.size(), bytes_.load(), options_.max_bytes, bytes),
                    "file");
    }
    bytes_ += bytes;
    return {};
}

Result<StoredFile> FileStore::add(StoredFile file, std::string_view bytes, std::optional<seconds> keep,
                                  Wall now) {
    remove_expired(now);
    if (auto room = reserve(bytes.size()); !room) return fail(std::move(room.error()));
    file.id = make_id("file-", system_random());
    file.bytes = bytes.size();
    // The lock is not held meanwhile: a large file on a slow disk holds up nobody else.
    auto written = models::make_private_folders(options_.path.string());
    if (written) written = models::write_atomically(bytes_of(file.id).string(), bytes);
    auto kept = written ? write_facts(std::move(file), keep, now) : fail(std::move(written.error()));
    if (!kept) {
        bytes_ -= bytes.size();
        return kept;
    }
    const std::lock_guard lock(mutex_);
    files_.insert_or_assign(kept->id, *kept);
    return kept;
}

Result<StoredFile> FileStore::adopt(StoredFile file, const fs::path& from, std::optional<seconds> keep,
                                    Wall now) {
    const std::lock_guard lock(mutex_);
    load();
    if (const auto known = files_.find(file.id); known != files_.end()) return known->second;
    if (auto made = models::make_private_folders(options_.path.string()); !made)
        return fail(std::move(made.error()));
    const auto size = models::file_size(from.string());
    if (!size) return fail(size.error());
    file.bytes = *size;
    // A second link, not a move: a crash before the facts are written leaves the original, and load() removes this one.
    std::error_code error;
    fs::remove(bytes_of(file.id), error);
    fs::create_hard_link(from, bytes_of(file.id), error);
    if (error) return fail(Code::storage, fmt::format("{}: {}", bytes_of(file.id).string(), error.message()));
    auto kept = write_facts(std::move(file), keep, now);
    if (!kept) return kept;
    bytes_ += kept->bytes;
    files_.insert_or_assign(kept->id, *kept);
    return kept;
}

Result<StoredFile> FileStore::find(std::string_view id, std::string_view project, Wall now) {
    const std::lock_guard lock(mutex_);
    load();
    const auto at = files_.find(id);
    if (at == files_.end() || at->second.project != project || at->second.expires_s <= seconds_of(now))
        return not_found(id);
    return at->second;
}

FileStore::Index::iterator FileStore::drop(Index::iterator at) {
    std::error_code ignored;  // the facts first: bytes without facts are removed at the next start
    fs::remove(facts_of(at->first), ignored);
    fs::remove(bytes_of(at->first), ignored);
    bytes_ -= at->second.bytes;
    return files_.erase(at);
}

Result<void> FileStore::remove(std::string_view id, std::string_view project, Wall now) {
    const auto file = find(id, project, now);
    if (!file) return fail(file.error());
    const std::lock_guard lock(mutex_);
    if (const auto at = files_.find(id); at != files_.end()) [[maybe_unused]]
        const auto next = drop(at);
    return {};
}

Result<std::string> FileStore::read(const StoredFile& file, std::uint64_t offset, std::size_t most) {
    std::ifstream in(bytes_of(file.id), std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    if (!in) return not_found(file.id);
    std::string out(most, '\0');
    in.read(out.data(), static_cast<std::streamsize>(most));
    out.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

std::vector<StoredFile> FileStore::list(std::string_view project, Wall now) {
    const std::lock_guard lock(mutex_);
    load();
    std::vector<StoredFile> out;
    for (const auto& [id, file] : files_) {
        if (file.project == project && file.expires_s > seconds_of(now)) out.push_back(file);
    }
    std::ranges::stable_sort(out, {}, &StoredFile::created_s);
    return out;
}

void FileStore::remove_expired(Wall now) {
    const std::lock_guard lock(mutex_);
    load();
    for (auto at = files_.begin(); at != files_.end();) {
        at = at->second.expires_s <= seconds_of(now) ? drop(at) : std::next(at);
    }
}

std::uint64_t FileStore::room() const {
    const auto used = bytes_.load();
    return used >= options_.max_bytes ? 0 : options_.max_bytes - used;
}

}  // namespace hearth::resources
