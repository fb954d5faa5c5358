#pragma once
// Blocks of lines in files that Hearth does not parse for editing: TOML, YAML, .env. They are delimited by two comments, so
// that they can be found, replaced and removed without parsing the rest.
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/connect/plan.h"

namespace hearth::cli::connect {

inline constexpr std::string_view kMarkBegin = "# >>> hearth connect >>>";
inline constexpr std::string_view kMarkEnd = "# <<< hearth connect <<<";

// Without Hearth's blocks. Errors: (conflict) an unmatched mark, with its line.
[[nodiscard]] Result<std::string> without_blocks(std::string_view text);

// `base` with the blocks inserted, using its line ends.
[[nodiscard]] std::string with_blocks(std::string_view base, const std::vector<Block>& blocks);

// The first line of a block: its origin and how to remove it.
[[nodiscard]] std::string written_by(std::string_view tool);

struct Line {
    std::string_view text;                       // without its line end
    std::size_t number = 0, begin = 0, end = 0;  // number from 1; end is behind the line end
};
[[nodiscard]] std::vector<Line> lines_of(std::string_view text);

}  // namespace hearth::cli::connect
