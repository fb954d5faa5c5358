#include "text/edit.h"

#include <algorithm>

#include "text/json_writer.h"

namespace hearth::text {
namespace {

void splice(std::string& out, std::string_view original, std::span<const Edit> edits) {
    std::size_t size = original.size();
    for (const Edit& edit : edits) size += edit.text.size();
    out.reserve(size);
    std::size_t at = 0;
    for (const Edit& edit : edits) {
        out.append(original.substr(at, edit.offset - at));
        out.append(edit.text);
        at = edit.offset + edit.length;
    }
    out.append(original.substr(at));
}

}  // namespace

Result<std::string> apply_edits(std::string_view original, std::span<const Edit> edits) {
    std::size_t at = 0;
    for (const Edit& edit : edits) {
        const bool fits = edit.offset <= original.size() && edit.length <= original.size() - edit.offset;
        if (!fits || edit.offset < at) {
            return fail(Code::internal, "Edits overlap, are not sorted, or reach past the end of the text.");
        }
        at = edit.offset + edit.length;
    }
    std::string out;
    splice(out, original, edits);
    return out;
}

namespace json {

namespace {
constexpr std::size_t kFew = 16;
}

Editor& Editor::replace(Value value, std::string json) {
    std::erase_if(replaced_, [&](const Replacement& r) { return r.value.same(value); });
    replaced_.push_back({value, std::move(json)});
    return *this;
}

Editor& Editor::set(Value object, std::string_view key, std::string json) {
    const auto member = object.find(key);
    if (!member) return insert_last(object, key, json);
    std::erase_if(removed_, [&](const Removal& r) { return r.key_node == member->name.index(); });
    return replace(member->value, std::move(json));
}

Editor& Editor::remove(Value object, std::string_view key) {
    if (const auto member = object.find(key)) removed_.push_back({object, member->name.index()});
    return *this;
}

Editor& Editor::insert_first(Value object, std::string_view key, std::string_view json) {
    if (!object.is_object()) return *this;
    std::string member;
    append_string(member, key);
    inserted_.push_back({object, true, member.append(1, ':').append(json)});
    return *this;
}

Editor& Editor::insert_last(Value object, std::string_view key, std::string_view json) {
    if (!object.is_object()) return *this;
    std::string member;
    append_string(member, key);
    inserted_.push_back({object, false, member.append(1, ':').append(json)});
    return *this;
}

void Editor::edits_of_object(Value object, std::vector<Edit>& out) const {
    const auto gone = [&](const Member& m) {
        return std::ranges::any_of(removed_, [&](const Removal& r) { return r.key_node == m.name.index(); });
    };
    // A run of removed members goes with the comma behind it; a run at the end, with the comma before it.
    const std::size_t inside = object.range().offset + 1;
    std::size_t run_start = 0, last_kept_end = 0;
    bool in_run = false, any_kept = false;
    for (const Member m : object.members()) {
        if (gone(m)) {
            if (!in_run) run_start = m.range().offset;
            in_run = true;
            continue;
        }
        if (in_run) out.push_back({run_start, m.range().offset - run_start, {}});
        in_run = false;
        any_kept = true;
        last_kept_end = m.range().end();
    }
    std::string first, last;
    for (const Insertion& i : inserted_) {
        if (!i.object.same(object)) continue;
        std::string& list = i.first ? first : last;
        if (!list.empty()) list.push_back(',');
        list += i.member;
    }
    if (!first.empty() && (any_kept || !last.empty())) first.push_back(',');
    if (!last.empty() && any_kept) last.insert(0, 1, ',');
    if (!first.empty()) out.push_back({inside, 0, std::move(first)});
    if (!last.empty()) out.push_back({any_kept ? last_kept_end : inside, 0, std::move(last)});
    if (in_run) {
        const std::size_t end = [&] {
            std::size_t furthest = 0;
            for (const Member m : object.members()) furthest = m.range().end();
            return furthest;
        }();
        const std::size_t from = any_kept ? last_kept_end : run_start;
        out.push_back({from, end - from, {}});
    }
}

std::vector<Edit> Editor::edits() const {
    std::vector<Edit> all;
    all.reserve(replaced_.size() + removed_.size() + inserted_.size());
    std::vector<std::uint32_t> objects;
    const auto once = [&](Value object) {
        if (std::ranges::find(objects, object.index()) != objects.end()) return;
        objects.push_back(object.index());
        edits_of_object(object, all);
    };
    for (const Removal& r : removed_) once(r.object);
    for (const Insertion& i : inserted_) once(i.object);
    for (const Replacement& r : replaced_) {
        all.push_back({r.value.range().offset, r.value.range().length, r.json});
    }
    const auto before = [](const Edit& a, const Edit& b) {
        if (a.offset != b.offset) return a.offset < b.offset;
        return (a.length == 0) > (b.length == 0);  // insertions at a place go before what replaces it
    };
    // A request has a handful of edits, mostly in order already: no sort that allocates.
    for (std::size_t i = 1; i < all.size() && all.size() <= kFew; ++i) {
        for (std::size_t j = i; j > 0 && before(all[j], all[j - 1]); --j) std::swap(all[j], all[j - 1]);
    }
    if (all.size() > kFew) std::ranges::stable_sort(all, before);
    // What lies inside an earlier, longer edit is gone with it.
    std::size_t end = 0;
    std::erase_if(all, [&](const Edit& edit) {
        if (edit.offset < end) return true;
        end = edit.offset + edit.length;
        return false;
    });
    return all;
}

std::string Editor::apply() const {
    std::string out;
    const auto list = edits();
    splice(out, document_.text(), list);
    return out;
}

}  // namespace json
}  // namespace hearth::text
