#include "cli/connect/marks.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::cli::connect {

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto feed = text.find('\n', at);
        const auto end = feed == std::string_view::npos ? text.size() : feed + 1;
        auto line = text.substr(at, end - at);
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back({line, lines.size() + 1, at, end});
        at = end;
    }
    return lines;
}

std::string written_by(std::string_view tool) {
    return fmt::format("# Written by `hearth connect {0}`; `hearth connect {0} --undo` removes it.\n", tool);
}

Result<std::string> without_blocks(std::string_view text) {
    std::string out;
    std::size_t open = 0;  // the line of the open mark
    for (const auto& line : lines_of(text)) {
        const bool begins = line.text == kMarkBegin, ends = line.text == kMarkEnd;
        if ((begins && open > 0) || (ends && open == 0)) {
            return fail(Code::conflict,
                        fmt::format("line {} is an unmatched mark of hearth connect: remove the rest "
                                    "of the block by hand",
                                    begins ? open : line.number));
        }
        if (begins) open = line.number;
        if (open == 0) out += text.substr(line.begin, line.end - line.begin);
        if (ends) open = 0;
    }
    if (open > 0) {
        return fail(Code::conflict,
                    fmt::format("the block of hearth connect that begins in line {} has no end: remove it by "
                                "hand, or end it with \"{}\"",
                                open, kMarkEnd));
    }
    return out;
}

std::string with_blocks(std::string_view base, const std::vector<Block>& blocks) {
    const std::string_view line_end = base.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
    auto sorted = blocks;
    std::ranges::stable_sort(sorted, {}, &Block::at);
    std::string out;
    std::size_t at = 0;
    const auto add = [&](std::string_view line) { out.append(line).append(line_end); };
    for (const auto& block : sorted) {
        out += base.substr(at, block.at - at);
        at = block.at;
        if (!out.empty() && !out.ends_with('\n')) out += line_end;
        add(kMarkBegin);
        for (const auto& line : lines_of(block.lines)) add(line.text);
        add(kMarkEnd);
    }
    return out.append(base.substr(at));
}

}  // namespace hearth::cli::connect
