#include <algorithm>
#include <cctype>

#include "route/decide.h"

namespace hearth::route {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::vector<std::string> nearest(const std::string& name, const Models& models) {
    if (name.empty() || name.size() > 128) return {};
    const std::string requested = lower(name);
    std::vector<std::pair<std::size_t, std::string>> scored;
    const auto consider = [&](std::string_view candidate, const std::string& shown) {
        if (candidate.size() > 128) return;
        const auto distance = edit_distance(requested, lower(candidate));
        if (distance * 2 <= std::max(requested.size(), candidate.size()))
            scored.emplace_back(distance, shown);
    };
    for (const auto& model : models.all()) {
        const bool own = model.provider == kEngine;
        const std::string shown = own ? model.id : model.full_name();
        consider(model.id, shown);
        if (!own) consider(shown, shown);
    }
    for (const char* word : {"auto", "local", "cloud"}) consider(word, word);
    std::sort(scored.begin(), scored.end());
    std::vector<std::string> best;
    for (auto& [distance, shown] : scored) {
        if (std::find(best.begin(), best.end(), shown) == best.end()) best.push_back(std::move(shown));
        if (best.size() == 3) break;
    }
    return best;
}

}  // namespace hearth::route
