#include "engine/worker/slot.h"

#include <algorithm>
#include <tuple>

namespace hearth::engine {

std::size_t common_prefix(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    const auto length = std::min(a.size(), b.size());
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + length, b.begin()).first -
                                    a.begin());
}

int least_needed(std::span<const Slot> slots, int except) {
    int best = -1;
    const auto rank = [&](int i) { return std::tuple(!slots[i].cached.empty(), slots[i].last_used); };
    for (int i = 0; i < static_cast<int>(slots.size()); ++i) {
        if (i == except || slots[i].busy) continue;
        if (best < 0 || rank(i) < rank(best)) best = i;
    }
    return best;
}

SlotChoice choose_slot(std::span<const Slot> slots, std::span<const std::int32_t> prompt,
                       const std::string& affinity, const SlotRules& rules) {
    SlotChoice choice;
    if (prompt.empty()) return choice;
    auto best = std::tuple(std::size_t{0}, false, false, std::uint64_t{0});
    for (int i = 0; i < static_cast<int>(slots.size()); ++i) {
        const auto& slot = slots[i];
        if (slot.busy && !rules.may_copy) continue;
        auto prefix = std::min(common_prefix(slot.cached, prompt), prompt.size() - 1);
        if (!rules.may_cut && (slot.busy || prefix < slot.cached.size())) prefix = 0;
        if (prefix == 0) continue;
        const auto rank =
            std::tuple(prefix, !slot.busy, !affinity.empty() && slot.affinity == affinity, ~slot.last_used);
        if (choice.source >= 0 && rank <= best) continue;
        best = rank;
        choice.source = i;
        choice.prefix = prefix;
    }
    if (choice.source < 0) {
        choice.target = least_needed(slots);
        return choice;
    }
    const auto& source = slots[choice.source];
    const bool loses = rules.may_copy && source.cached.size() > choice.prefix + rules.copy_threshold;
    choice.target = source.busy || loses ? least_needed(slots, choice.source) : choice.source;
    if (choice.target < 0 && !source.busy) choice.target = choice.source;
    return choice;
}

}  // namespace hearth::engine
