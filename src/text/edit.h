#pragma once
// Small changes to original bytes: everything else is kept byte for byte.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "text/json.h"

namespace hearth::text {

struct Edit {
    std::size_t offset = 0, length = 0;  // what to replace; length 0 inserts before `offset`
    std::string text;
    bool operator==(const Edit&) const = default;
};

// Applies edits that are sorted by offset and do not overlap (several at one offset are applied in order;
// only the last of them may have a length). Code::internal when they are not sorted, overlap or reach past
// the end: a bug of the caller.
[[nodiscard]] Result<std::string> apply_edits(std::string_view original, std::span<const Edit> edits);

namespace json {

// Collects changes to one parsed document and turns them into edits with the commas right. Values must come
// from the given Document. New text must be valid JSON (a value), keys are given unescaped. Where one change
// encloses another (a value replaced, something inside it changed too), the outer one wins. Changes of one
// member: the last wins.
//     json::Editor editor(document);
//     editor.set(root, "model", "\"gpt-5.5\"").remove(root, "seed");
//     auto body = editor.apply();
class Editor {
  public:
    explicit Editor(const Document& document) : document_(document) {}

    Editor& replace(Value value, std::string json);                     // any value but a key
    Editor& set(Value object, std::string_view key, std::string json);  // replace, else insert_last
    Editor& rename(Value object, std::string_view key,
                   std::string_view to);                 // in its place; `to` must not be there
    Editor& remove(Value object, std::string_view key);  // absent: nothing
    Editor& insert_first(Value object, std::string_view key, std::string_view json);  // key must not be there
    Editor& insert_last(Value object, std::string_view key, std::string_view json);

    [[nodiscard]] bool empty() const { return replaced_.empty() && removed_.empty() && inserted_.empty(); }
    [[nodiscard]] std::vector<Edit> edits() const;  // sorted, not overlapping
    [[nodiscard]] std::string apply() const;        // the whole new text

  private:
    struct Replacement {
        Value value;
        std::string json;
    };
    struct Removal {
        Value object;
        std::uint32_t key_node;
        bool gone;  // false: set again after it had been removed
    };
    struct Insertion {
        Value object;
        bool first;
        std::string member;  // "key":value
    };
    class Plan;
    static void edits_of_object(Value object, const Plan& plan, std::vector<Edit>& out);

    const Document& document_;
    std::vector<Replacement> replaced_;
    std::vector<Removal> removed_;
    std::vector<Insertion> inserted_;
};

}  // namespace json
}  // namespace hearth::text
