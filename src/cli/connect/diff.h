#pragma once
// The diff shown before a change is written.
#include <string>
#include <string_view>

namespace hearth::cli::connect {

// A unified diff with three lines around each change; empty when nothing changes. A missing file is an empty text.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after,
                                       std::string_view name);

// The same lines with keys and passwords replaced by "***": settings files contain them next to the changes, and
// terminal output is shared, recorded and pasted.
[[nodiscard]] std::string redacted(std::string_view text);

}  // namespace hearth::cli::connect
