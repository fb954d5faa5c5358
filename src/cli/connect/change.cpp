#include "cli/connect/change.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/connect/marks.h"
#include "config/tree.h"

namespace hearth::cli::connect {

namespace {

// The file without Hearth's changes.
Result<std::string> base_of(const FileRecord* record, const SettingsFile& file, const Records& records) {
    if (record) {
        auto reverted = revert(*record, file.text, records);
        if (!reverted) return fail(std::move(reverted.error()));
        return reverted->there ? std::move(reverted->text) : std::string();
    }
    return without_blocks(file.text);  // JSON files have no marked lines
}

// The reason why a file is not edited, such as comments in JSON.
std::string no_plain_json(const Error& error) {
    std::string_view what = error.message;
    if (what.starts_with("JSON: ")) what.remove_prefix(6);
    if (what.ends_with('.')) what.remove_suffix(1);
    return fmt::format("it has comments or is not plain JSON ({})", what);
}

Result<void> apply_settings(const FileChange& change, Draft& draft, const std::string& base) {
    const bool blank = base.find_first_not_of(" \t\r\n") == std::string::npos;
    draft.text = blank ? std::string(change.empty) : base;
    for (const auto& setting : change.settings) {
        if (setting.keep) {
            json::Document document;
            const auto root = document.parse(draft.text);
            if (root && find(*root, setting.place)) continue;
        }
        auto edited = set(draft.text, setting.place, setting.json);
        if (!edited) {
            draft.by_hand = edited.error()->code == Code::conflict ? std::string(edited.error()->message)
                                                                   : no_plain_json(edited.error());
            draft.text = snippet(change);
            return {};
        }
        draft.text = std::move(edited->text);
        draft.record.settings.push_back({setting.place, setting.json, edited->had, edited->made});
    }
    return {};
}

// A bug here would break a tool, so the new text must parse.
Result<void> check_toml(const FileChange& change, const Draft& draft) {
    config::Node tree;
    config::Diagnostic error;
    if (change.kind != FileChange::Kind::toml) return {};
    if (config::parse_toml(draft.text, change.path.filename().string(), tree, error)) return {};
    return fail(Code::conflict,
                fmt::format("{} would not be valid TOML any more (line {}: {}); nothing is changed.",
                            change.path.string(), error.line, error.message));
}

Result<Draft> draft_file(const FileChange& change, const FileRecord* old, const Records& records,
                         std::size_t number) {
    auto file = read_settings(change.path);
    if (!file) return fail(std::move(file.error()));
    auto base = base_of(old, *file, records);
    if (!base && change.kind == FileChange::Kind::json && base.error()->code == Code::conflict) {
        const auto why = base.error()->message;  // comments were added since
        return Draft{.path = change.path, .file = std::move(*file), .text = snippet(change), .by_hand = why};
    }
    if (!base) {
        return fail(Code::conflict,
                    fmt::format("{}: {}.", change.path.string(), std::string(base.error()->message)));
    }
    Draft draft{.path = change.path,
                .file = std::move(*file),
                .text = {},
                .record = {},
                .original = *base,
                .by_hand = {}};
    draft.record.path = change.path.string();
    draft.record.kind = change.kind;
    if (old) {  // the first original is the one to restore
        draft.record.existed = old->existed;
        draft.record.original = old->original;
        draft.record.before = old->before;
        draft.record.whole = hash_of(*base) == old->before || (!old->existed && base->empty());
    } else {
        draft.record.existed = draft.file.there;
        draft.record.original = fmt::format("{}-{}", number, change.path.filename().string());
        draft.original = draft.file.text;
        draft.record.before = hash_of(draft.file.text);
        draft.record.whole = *base == draft.file.text;
    }
    if (!change.by_hand.empty()) {
        draft.by_hand = change.by_hand;
        draft.text = snippet(change);
    } else if (change.kind == FileChange::Kind::json) {
        if (auto applied = apply_settings(change, draft, *base); !applied)
            return fail(std::move(applied.error()));
    } else {
        draft.text = with_blocks(*base, change.blocks);
        if (auto good = check_toml(change, draft); !good) return fail(std::move(good.error()));
    }
    draft.record.after = hash_of(draft.text);
    return draft;
}

Result<void> take_away(const SettingsFile& file) {
    if (::unlink(file.real.c_str()) == 0 || errno == ENOENT) return {};
    return fail(Code::storage,
                fmt::format("{} cannot be removed: {}.", file.real.string(), std::strerror(errno)));
}

// The tool may have written the file between showing the change and writing it.
Result<void> ensure_unchanged(const std::filesystem::path& path, const SettingsFile& file) {
    const auto now = read_settings(path);
    if (!now) return fail(now.error());
    if (now->there == file.there && now->text == file.text) return {};
    return fail(
        Code::conflict,
        fmt::format("{} was changed by another program meanwhile; nothing is written. Run the command "
                    "again.",
                    path.string()));
}

}  // namespace

std::string snippet(const FileChange& change) {
    if (change.kind != FileChange::Kind::json) {
        auto blocks = change.blocks;
        for (auto& block : blocks) block.at = 0;
        return with_blocks({}, blocks);
    }
    std::string text(change.empty);
    for (const auto& setting : change.settings) {
        if (auto edited = set(text, setting.place, setting.json)) text = std::move(edited->text);
    }
    return text;
}

Result<Drafts> draft(const Tool& tool, const Target& target, const Records& records) {
    auto record = records.load();
    if (!record) return fail(std::move(record.error()));
    const auto old = [&](const std::filesystem::path& path) {
        return *record ? (*record)->find(path) : nullptr;
    };
    const Base base = [&](const std::filesystem::path& path) -> Result<std::string> {
        const auto file = read_settings(path);
        if (!file) return fail(file.error());
        return base_of(old(path), *file, records);
    };
    auto plan = tool.plan(target, base);
    if (!plan) return fail(std::move(plan.error()));
    Drafts drafts{.plan = std::move(*plan), .files = {}};
    for (const auto& change : drafts.plan.files) {
        auto file = draft_file(change, old(change.path), records, drafts.files.size());
        if (!file) return fail(std::move(file.error()));
        drafts.files.push_back(std::move(*file));
    }
    return drafts;
}

Result<void> write(const std::vector<Draft>& files, Record record, const Records& records) {
    auto old = records.load();
    if (!old) return fail(std::move(old.error()));
    for (const auto& file : files) {
        if (!file.by_hand.empty()) continue;
        if (auto same = ensure_unchanged(file.path, file.file); !same) return same;
        record.files.push_back(file.record);
        const bool kept = *old && (*old)->find(file.path);
        if (file.record.existed && !kept) {
            if (auto done = records.keep_original(file.record.original, file.original); !done) return done;
        }
    }
    if (*old) {  // a file that is no longer part of the plan must still be undone
        for (const auto& one : (*old)->files) {
            if (!record.find(one.path)) record.files.push_back(one);
        }
    }
    if (auto stored = records.store(record); !stored) return stored;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (!files[i].changes()) continue;
        auto written = replace_settings(files[i].file, files[i].text);
        if (written) continue;
        while (i-- > 0) {
            if (!files[i].changes()) continue;
            (void)(files[i].file.there ? replace_settings(files[i].file, files[i].file.text)
                                       : take_away(files[i].file));
        }
        if (*old) {
            (void)records.store(**old);
        } else {
            records.remove_all();
        }
        return written;
    }
    return {};
}

Result<std::vector<Undo>> plan_undo(const Record& record, const Records& records, bool force) {
    std::vector<Undo> all;
    for (const auto& file : record.files) {
        auto now = read_settings(file.path);
        if (!now) return fail(std::move(now.error()));
        Undo undo{.path = file.path, .file = std::move(*now), .to = {}, .refused = {}};
        auto to = revert(file, undo.file.text, records);
        if (force) {
            auto original = records.original(file);
            if (!original) return fail(std::move(original.error()));
            undo.to = {.text = std::move(*original), .there = file.existed, .original = true, .left = {}};
        } else if (!undo.file.there) {
            undo.to.there = false;  // the user has removed it
        } else if (to) {
            undo.to = std::move(*to);
        } else if (to.error()->code == Code::conflict) {
            undo.refused = to.error()->message;
            const auto original = records.original(file);
            undo.to.text = original ? *original : undo.file.text;
        } else {
            return fail(std::move(to.error()));
        }
        all.push_back(std::move(undo));
    }
    return all;
}

Result<void> write(const std::vector<Undo>& files) {
    for (const auto& undo : files) {
        if (auto same = ensure_unchanged(undo.path, undo.file); !same) return same;
    }
    for (const auto& undo : files) {
        if (!undo.to.there) {
            if (auto gone = take_away(undo.file); !gone) return gone;
        } else if (!undo.file.there || undo.file.text != undo.to.text) {
            if (auto written = replace_settings(undo.file, undo.to.text); !written) return written;
        }
    }
    return {};
}

}  // namespace hearth::cli::connect
