#pragma once
// "Did you mean": the known word closest to a mistyped one.
#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

// Optimal string alignment distance: insert, delete, replace and swap of two neighbours cost 1. O(|a| |b|).
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

// The nearest of `known`, or "" when none is within the limit (a third of the letters, at least 2).
template <class Range>
[[nodiscard]] std::string nearest_word(std::string_view typed, const Range& known) {
    if (typed.size() > 64) return {};  // not a typing error; also bounds the cost
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, typed.size() / 3) + 1;
    for (const auto& word : known) {
        const std::string_view candidate(word);
        const auto distance = edit_distance(typed, candidate);
        if (distance < best_distance && distance < candidate.size()) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace hearth
