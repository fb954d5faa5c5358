#pragma once
// One setting of a JSON file that people edit too: everything else keeps its bytes, what is new is laid out as the file
// is (indentation, line ends). Settings files are small: each call reads the text anew.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "text/json.h"

namespace hearth::cli::connect {

// One step down: the member `key` of an object; with `by`, the element of an array whose member `by` says `key`.
struct Step {
    std::string key;
    std::string by = {};
    bool operator==(const Step&) const = default;
};
using Place = std::vector<Step>;

[[nodiscard]] std::string to_string(const Place& place);  // "env.ANTHROPIC_BASE_URL", for messages

// Invalid when there is nothing.
[[nodiscard]] json::Value find(json::Value root, const Place& place);

// Without spaces between, to compare values that a tool has laid out anew.
[[nodiscard]] std::string compact(json::Value value);

struct Edited {
    std::string text;
    std::optional<std::string> had;  // what stood there
    std::size_t made = 0;            // how many steps of the place were there; the rest was made
};

// Errors: (invalid_request) the text is no plain JSON; (conflict) something on the way is neither object nor list.
[[nodiscard]] Result<Edited> set(std::string_view text, const Place& place, std::string_view json);

// Takes it out, and the objects and lists around it that are empty then, down to `keep` steps. Nothing there: as it was.
[[nodiscard]] Result<std::string> remove(std::string_view text, const Place& place, std::size_t keep);

}  // namespace hearth::cli::connect
