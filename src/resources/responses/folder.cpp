// Stored answers as files: one JSON object each, named by the answer's id.
#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "models/files.h"
#include "resources/responses/store.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::resources {

namespace {

constexpr std::uintmax_t kFileBytes = std::uintmax_t{64} << 20;

// Ids are ours or a vendor's: letters, digits, '_' and '-' only may become a file's name.
bool is_name(std::string_view id) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !id.empty() && id.size() <= 200 && std::ranges::all_of(id, fits);
}

void write_items(json::Writer& w, std::string_view name, const std::vector<std::string>& items) {
    w.key(name).begin_array();
    for (const auto& item : items) w.raw(item);
    w.end_array();
}

std::vector<std::string> read_items(json::Value list) {
    std::vector<std::string> out;
    for (const auto item : list.elements()) out.emplace_back(item.raw());
    return out;
}

std::int64_t seconds_of(Wall time) {
    return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

bool expired(const std::filesystem::path& file, seconds keep, Wall now) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    if (error) return false;
    const auto at = std::chrono::file_clock::to_sys(written);
    return seconds_of(std::chrono::time_point_cast<Wall::duration>(at)) + keep.count() <= seconds_of(now);
}

}  // namespace

Result<void> ResponseFolder::write(const StoredResponse& response) const {
    if (!is_name(response.id)) return fail(Code::invalid_request, "An answer's id cannot be a file's name.");
    std::error_code error;
    std::filesystem::create_directories(path, error);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
    if (error) return fail(Code::storage, fmt::format("{}: {}", path.string(), error.message()));
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", response.id).member("project", response.project);
    w.member_raw("response", response.body);
    write_items(w, "input", response.input);
    write_items(w, "output", response.output);
    w.end_object();
    return models::write_atomically((path / (response.id + ".json")).string(), out);
}

Result<StoredResponse> ResponseFolder::read(std::string_view id, std::string_view project, Wall now) const {
    if (!is_name(id)) return no_such_response(id);
    const auto file = path / (std::string(id) + ".json");
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size > kFileBytes || expired(file, keep, now)) return no_such_response(id);
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    json::Document document;
    const auto root = document.parse(text);
    if (!root || (*root)["project"].as_string() != project) return no_such_response(id);
    StoredResponse out;
    out.id = id;
    out.project = project;
    out.body = (*root)["response"].raw();
    out.input = read_items((*root)["input"]);
    out.output = read_items((*root)["output"]);
    return out;
}

void ResponseFolder::remove(std::string_view id) const {
    std::error_code ignored;
    if (is_name(id)) std::filesystem::remove(path / (std::string(id) + ".json"), ignored);
}

void ResponseFolder::remove_expired(Wall now) const {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        if (entry.path().extension() == ".json" && expired(entry.path(), keep, now))
            std::filesystem::remove(entry.path(), error);
    }
}

Task<void> FolderResponses::put(StoredResponse response) {
    // What cannot be written is kept in memory all the same.
    [[maybe_unused]] const auto written =
        co_await loop_.run_blocking([this, &response] { return folder_.write(response); });
    co_await memory_.put(std::move(response));
}

Task<Result<StoredResponse>> FolderResponses::find(std::string id, std::string project) {
    auto found = co_await memory_.find(id, project);
    if (found) co_return found;
    const auto now = loop_.clock().wall();
    co_return co_await loop_.run_blocking([&] { return folder_.read(id, project, now); });
}

Task<Result<void>> FolderResponses::remove(std::string id, std::string project) {
    auto known = co_await find(id, project);
    if (!known) co_return fail(std::move(known.error()));
    [[maybe_unused]] const auto forgotten = co_await memory_.remove(id, project);
    co_return co_await loop_.run_blocking([this, &id] {
        folder_.remove(id);
        return Result<void>{};
    });
}

Task<void> FolderResponses::remove_expired() {
    co_await memory_.remove_expired();
    const auto now = loop_.clock().wall();
    [[maybe_unused]] const auto done = co_await loop_.run_blocking([this, now] {
        folder_.remove_expired(now);
        return Result<void>{};
    });
}

}  // namespace hearth::resources
