#pragma once
// Edits one setting of a hand-edited JSON file: all other bytes are kept, new text follows the file's formatting
// (indentation, line ends). Settings files are small: each call parses the text again.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "text/json.h"

namespace hearth::cli::connect {

// One step down: the member `key` of an object; with `by`, the element of an array whose member `by` equals `key`.
struct Step {
    std::string key;
    std::string by = {};
    bool operator==(const Step&) const = default;
};
using Place = std::vector<Step>;

[[nodiscard]] std::string to_string(const Place& place);  // "env.ANTHROPIC_BASE_URL", for messages

// Invalid when absent.
[[nodiscard]] json::Value find(json::Value root, const Place& place);

// Without whitespace, to compare values that a tool has reformatted.
[[nodiscard]] std::string compact(json::Value value);

struct Edited {
    std::string text;
    std::optional<std::string> had;  // the previous value
    std::size_t made = 0;            // number of existing steps of the place; the rest was created
};

// Errors: (invalid_request) the text is not plain JSON; (conflict) a parent is neither object nor list.
[[nodiscard]] Result<Edited> set(std::string_view text, const Place& place, std::string_view json);

// Removes it, and its parents that become empty, down to `keep` steps. No-op if absent.
[[nodiscard]] Result<std::string> remove(std::string_view text, const Place& place, std::size_t keep);

}  // namespace hearth::cli::connect
