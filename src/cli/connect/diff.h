#pragma once
// The change that a person is shown before it is made.
#include <string>
#include <string_view>

namespace hearth::cli::connect {

// A unified diff with three lines around each change; empty when nothing changes. A missing file is an empty text.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after,
                                       std::string_view name);

// The same lines with what looks like somebody's key or password replaced by "***": settings files hold them next to
// what is changed, and terminals are shared, recorded and pasted.
[[nodiscard]] std::string redacted(std::string_view text);

}  // namespace hearth::cli::connect
