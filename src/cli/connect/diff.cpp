#include "cli/connect/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cli/connect/marks.h"

namespace hearth::cli::connect {

namespace {

constexpr std::size_t kAround = 3;
constexpr std::size_t kCells =
    4'000'000;  // table size for common lines; larger changes are shown as one block

struct Op {
    char sign;  // ' ', '-', '+'
    std::string_view line;
};

std::string_view whole(std::string_view text, const Line& line) {
    return text.substr(line.begin, line.end - line.begin);
}

// Lines of both sides without their common prefix and suffix.
void middle(std::vector<Op>& out, const std::vector<std::string_view>& a,
            const std::vector<std::string_view>& b) {
    const auto width = b.size() + 1;
    std::vector<std::uint32_t> common;  // common[i * width + j]: longest of a[i..], b[j..]
    if ((a.size() + 1) * width <= kCells) {
        common.resize((a.size() + 1) * width);
        for (auto i = a.size(); i-- > 0;) {
            for (auto j = b.size(); j-- > 0;) {
                common[i * width + j] =
                    a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                                 : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
            }
        }
    }
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (!common.empty() && i < a.size() && j < b.size() && a[i] == b[j]) {
            out.push_back({' ', a[i++]});
            ++j;
        } else if (j == b.size() || (i < a.size() && (common.empty() || common[(i + 1) * width + j] >=
                                                                            common[i * width + j + 1]))) {
            out.push_back({'-', a[i++]});
        } else {
            out.push_back({'+', b[j++]});
        }
    }
}

std::vector<Op> compare(std::string_view before, std::string_view after) {
    std::vector<std::string_view> a, b;
    for (const auto& line : lines_of(before)) a.push_back(whole(before, line));
    for (const auto& line : lines_of(after)) b.push_back(whole(after, line));
    std::size_t head = 0, tail = 0;
    while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
    while (tail < a.size() - head && tail < b.size() - head &&
           a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    std::vector<Op> ops;
    for (std::size_t i = 0; i < head; ++i) ops.push_back({' ', a[i]});
    middle(ops, {a.begin() + static_cast<std::ptrdiff_t>(head), a.end() - static_cast<std::ptrdiff_t>(tail)},
           {b.begin() + static_cast<std::ptrdiff_t>(head), b.end() - static_cast<std::ptrdiff_t>(tail)});
    for (auto i = a.size() - tail; i < a.size(); ++i) ops.push_back({' ', a[i]});
    return ops;
}

void add_hunk(std::string& out, const std::vector<Op>& ops, std::size_t from, std::size_t to) {
    std::size_t a_line = 1, b_line = 1, a_count = 0, b_count = 0;
    for (std::size_t i = 0; i < to; ++i) {
        auto& a = i < from ? a_line : a_count;
        auto& b = i < from ? b_line : b_count;
        a += ops[i].sign != '+' ? 1 : 0;
        b += ops[i].sign != '-' ? 1 : 0;
    }
    out += fmt::format("@@ -{},{} +{},{} @@\n", a_count == 0 ? a_line - 1 : a_line, a_count,
                       b_count == 0 ? b_line - 1 : b_line, b_count);
    for (std::size_t i = from; i < to; ++i) {
        auto line = ops[i].line;
        const bool ended = line.ends_with('\n');
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        out += fmt::format("{}{}\n{}", ops[i].sign, line, ended ? "" : "\\ No newline at end of file\n");
    }
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view name) {
    const auto ops = compare(before, after);
    std::string out;
    for (std::size_t i = 0; i < ops.size();) {
        if (ops[i].sign == ' ') {
            ++i;
            continue;
        }
        auto last = i;  // the last change close enough to share the hunk
        for (auto j = i; j < ops.size() && j <= last + 2 * kAround; ++j) {
            if (ops[j].sign != ' ') last = j;
        }
        if (out.empty()) {
            out = fmt::format("--- {}{}\n+++ {}\n", name, before.empty() ? " (new file)" : "", name);
        }
        add_hunk(out, ops, i > kAround ? i - kAround : 0, std::min(ops.size(), last + 1 + kAround));
        i = last + 1;
    }
    return out;
}

}  // namespace hearth::cli::connect
