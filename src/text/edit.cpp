#include "text/edit.h"

#include <algorithm>
#include <iterator>

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
    if (!value) return *this;
    replaced_.push_back({value, std::move(json)});
    return *this;
}

Editor& Editor::set(Value object, std::string_view key, std::string json) {
    const auto member = object.find(key);
    if (!member) return insert_last(object, key, json);
    if (!removed_.empty()) removed_.push_back({object, member->name.index(), false});  // it is kept after all
    return replace(member->value, std::move(json));
}

Editor& Editor::rename(Value object, std::string_view key, std::string_view to) {
    const auto member = object.find(key);
    if (!member) return *this;
    std::string name;
    append_string(name, to);
    replaced_.push_back({member->name, std::move(name)});
    return *this;
}

Editor& Editor::remove(Value object, std::string_view key) {
    if (const auto member = object.find(key)) removed_.push_back({object, member->name.index(), true});
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

// Index of removed and inserted members, so that a request with a change in each of thousands of messages does not take
// quadratic time.
class Editor::Plan {
  public:
    explicit Plan(const Editor& editor) {
        for (const Removal& r : editor.removed_) {
            removals_by_member_.push_back(&r);
            objects_.push_back(r.object);
        }
        for (const Insertion& i : editor.inserted_) {
            inserted_.push_back(&i);
            objects_.push_back(i.object);
        }
        std::ranges::sort(removals_by_member_, [](const Removal* a, const Removal* b) {
            return a->key_node != b->key_node ? a->key_node < b->key_node : a < b;
        });
        std::ranges::sort(inserted_, [](const Insertion* a, const Insertion* b) {
            return a->object.index() != b->object.index() ? a->object.index() < b->object.index() : a < b;
        });
        std::ranges::sort(objects_, {}, &Value::index);
        const auto repeated = std::ranges::unique(objects_, {}, &Value::index);
        objects_.erase(repeated.begin(), repeated.end());
    }
    [[nodiscard]] const std::vector<Value>& objects() const { return objects_; }
    [[nodiscard]] bool gone(const Member& m) const {
        const auto behind =
            std::ranges::upper_bound(removals_by_member_, m.name.index(), {}, &Removal::key_node);
        if (behind == removals_by_member_.begin()) return false;
        const Removal* const last = *std::prev(behind);
        return last->key_node == m.name.index() && last->gone;
    }
    [[nodiscard]] std::span<const Insertion* const> inserted(Value object) const {
        const auto range = std::ranges::equal_range(inserted_, object.index(), {},
                                                    [](const Insertion* i) { return i->object.index(); });
        return {range.begin(), range.end()};
    }

  private:
    std::vector<const Removal*> removals_by_member_;  // by member, then in call order
    std::vector<const Insertion*> inserted_;          // by object, then in call order
    std::vector<Value> objects_;
};

void Editor::edits_of_object(Value object, const Plan& plan, std::vector<Edit>& out) {
    // A run of removed members takes the following comma with it; a run at the end, the preceding comma.
    const std::size_t inside = object.range().offset + 1;
    std::size_t run_start = 0, last_kept_end = 0, last_end = 0;
    bool in_run = false, any_kept = false;
    for (const Member m : object.members()) {
        last_end = m.range().end();
        if (plan.gone(m)) {
            if (!in_run) run_start = m.range().offset;
            in_run = true;
            continue;
        }
        if (in_run) out.push_back({run_start, m.range().offset - run_start, {}});
        in_run = false;
        any_kept = true;
        last_kept_end = last_end;
    }
    std::string first, last;
    for (const Insertion* i : plan.inserted(object)) {
        std::string& list = i->first ? first : last;
        if (!list.empty()) list.push_back(',');
        list += i->member;
    }
    if (!first.empty() && (any_kept || !last.empty())) first.push_back(',');
    if (!last.empty() && any_kept) last.insert(0, 1, ',');
    if (!first.empty()) out.push_back({inside, 0, std::move(first)});
    if (!last.empty()) out.push_back({any_kept ? last_kept_end : inside, 0, std::move(last)});
    if (in_run) {
        const std::size_t from = any_kept ? last_kept_end : run_start;
        out.push_back({from, last_end - from, {}});
    }
}

std::vector<Edit> Editor::edits() const {
    std::vector<Edit> all;
    all.reserve(replaced_.size() + removed_.size() + inserted_.size());
    if (!removed_.empty() || !inserted_.empty()) {
        const Plan plan(*this);
        for (const Value object : plan.objects()) edits_of_object(object, plan, all);
    }
    for (const Replacement& r : replaced_) {
        all.push_back({r.value.range().offset, r.value.range().length, r.json});
    }
    const auto before = [](const Edit& a, const Edit& b) {
        if (a.offset != b.offset) return a.offset < b.offset;
        return (a.length == 0) > (b.length == 0);  // insertions at an offset precede its replacement
    };
    // A request has a handful of edits, mostly in order already: no sort that allocates.
    for (std::size_t i = 1; i < all.size() && all.size() <= kFew; ++i) {
        for (std::size_t j = i; j > 0 && before(all[j], all[j - 1]); --j) std::swap(all[j], all[j - 1]);
    }
    if (all.size() > kFew) std::ranges::stable_sort(all, before);
    std::size_t kept = 0, end = 0;
    for (Edit& edit : all) {
        Edit* const previous = kept > 0 ? &all[kept - 1] : nullptr;
        if (previous != nullptr && edit.length > 0 && edit.offset == previous->offset &&
            edit.length == previous->length) {
            *previous = std::move(edit);  // one value replaced twice
        } else if (edit.offset >= end) {  // else it lies inside an earlier, longer edit, which replaces it
            end = edit.offset + edit.length;
            if (&all[kept] != &edit) all[kept] = std::move(edit);
            ++kept;
        }
    }
    all.resize(kept);
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
