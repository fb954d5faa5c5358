#include "cli/connect/record.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "cli/connect/files.h"
#include "cli/connect/marks.h"
#include "text/json_writer.h"

namespace hearth::cli::connect {

namespace {

constexpr std::string_view kKinds[] = {"json", "toml", "lines"};

void write_file(json::Writer& writer, const FileRecord& file) {
    writer.begin_object()
        .member("path", file.path)
        .member("kind", kKinds[static_cast<std::size_t>(file.kind)])
        .member("existed", file.existed)
        .member("original", file.original)
        .member("before", file.before)
        .member("after", file.after)
        .member("whole", file.whole)
        .key("settings")
        .begin_array();
    for (const auto& setting : file.settings) {
        writer.begin_object().key("place").begin_array();
        for (const auto& step : setting.place)
            writer.begin_object().member("key", step.key).member("by", step.by).end_object();
        writer.end_array().member("wrote", setting.json).member("made", setting.made);
        if (setting.had) writer.member("had", *setting.had);
        writer.end_object();
    }
    writer.end_array().end_object();
}

FileRecord read_file_record(json::Value from) {
    FileRecord file{.path = std::string(from["path"].as_string()),
                    .existed = from["existed"].as_bool().value_or(true),
                    .original = std::string(from["original"].as_string()),
                    .before = std::string(from["before"].as_string()),
                    .after = std::string(from["after"].as_string()),
                    .whole = from["whole"].as_bool().value_or(false)};
    for (std::size_t i = 0; i < std::size(kKinds); ++i) {
        if (from["kind"].as_string() == kKinds[i]) file.kind = static_cast<FileChange::Kind>(i);
    }
    for (const auto setting : from["settings"].elements()) {
        Written written{.json = std::string(setting["wrote"].as_string()),
                        .made = static_cast<std::size_t>(setting["made"].as_uint().value_or(0))};
        for (const auto step : setting["place"].elements())
            written.place.push_back(
                {std::string(step["key"].as_string()), std::string(step["by"].as_string())});
        if (const auto had = setting["had"]) written.had = std::string(had.as_string());
        file.settings.push_back(std::move(written));
    }
    return file;
}

bool blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Removes Hearth's settings from a JSON file one by one, in reverse order.
Result<Reverted> revert_settings(const FileRecord& file, std::string_view now) {
    Reverted out{.text = std::string(now)};
    for (auto it = file.settings.rbegin(); it != file.settings.rend(); ++it) {
        json::Document document, wrote;
        const auto root = document.parse(out.text);
        if (!root) {
            return fail(Code::conflict,
                        fmt::format("it is no longer plain JSON ({})", root.error()->message));
        }
        const auto there = find(*root, it->place);
        if (!there) continue;  // already removed by the user
        if (!wrote.parse(it->json) || compact(there) != compact(wrote.root())) {
            out.left.push_back(to_string(it->place));
            continue;
        }
        Result<std::string> text;
        if (it->had) {
            auto edited = set(out.text, it->place, *it->had);
            if (!edited) return fail(std::move(edited.error()));
            text = std::move(edited->text);
        } else {
            text = remove(out.text, it->place, it->made);
        }
        if (!text) return fail(std::move(text.error()));
        out.text = std::move(*text);
    }
    json::Document document;
    const auto rest = document.parse(out.text);
    out.there = file.existed || (rest && rest->size() > 0);
    return out;
}

}  // namespace

std::string hash_of(std::string_view text) {
    return to_hex(sha256(text));
}

const FileRecord* Record::find(const std::filesystem::path& path) const {
    const auto found = std::ranges::find(files, path.string(), &FileRecord::path);
    return found == files.end() ? nullptr : &*found;
}

Result<std::optional<Record>> Records::load() const {
    const auto path = folder_ / "manifest.json";
    const auto file = read_settings(path);
    if (!file) return fail(file.error());
    if (!file->there) return std::nullopt;
    json::Document document;
    const auto root = document.parse(file->text);
    if (!root || (*root)["version"].as_uint() != 1U) {
        return fail(
            Code::corrupt,
            fmt::format("{} cannot be parsed. The originals are beside it: copy them back by hand, then "
                        "remove the folder.",
                        path.string()));
    }
    Record record{.time = std::string((*root)["time"].as_string()),
                  .origin = std::string((*root)["origin"].as_string()),
                  .files = {}};
    for (const auto one : (*root)["files"].elements()) record.files.push_back(read_file_record(one));
    return record;
}

Result<void> Records::store(const Record& record) const {
    if (auto made = make_folder(folder_); !made) return made;
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("version", 1).member("time", record.time).member("origin", record.origin);
    writer.key("files").begin_array();
    for (const auto& file : record.files) write_file(writer, file);
    writer.end_array().end_object();
    return replace_settings({.real = folder_ / "manifest.json"}, text + "\n");
}

Result<void> Records::keep_original(std::string_view name, const std::string& text) const {
    if (auto made = make_folder(folder_); !made) return made;
    return replace_settings({.real = folder_ / name}, text);
}

Result<std::string> Records::original(const FileRecord& file) const {
    if (!file.existed) return std::string();
    const auto path = folder_ / file.original;
    const auto kept = read_settings(path);
    if (!kept) return fail(kept.error());
    if (!kept->there || hash_of(kept->text) != file.before) {
        return fail(Code::corrupt, fmt::format("The saved original in {} has been modified.", path.string()));
    }
    return kept->text;
}

void Records::remove_all() const {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

Result<Reverted> revert(const FileRecord& file, std::string_view now, const Records& records) {
    if (file.whole && hash_of(now) == file.after) {
        auto original = records.original(file);
        if (!original) return fail(std::move(original.error()));
        return Reverted{.text = std::move(*original), .there = file.existed, .original = true, .left = {}};
    }
    if (file.kind == FileChange::Kind::json) return revert_settings(file, now);
    auto text = without_blocks(now);
    if (!text) return fail(std::move(text.error()));
    const bool there = file.existed || !blank(*text);
    return Reverted{.text = std::move(*text), .there = there, .original = false, .left = {}};
}

}  // namespace hearth::cli::connect
