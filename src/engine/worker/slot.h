#pragma once
// A slot is one sequence of the KV cache and its content. Choosing a slot for a prompt is a pure function: the
// longest prefix wins, the least recently used is evicted.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hearth::engine {

struct Generation;

struct Slot {
    std::int32_t sequence = 0;         // llama_seq_id
    std::vector<std::int32_t> cached;  // the tokens whose KV cells this sequence holds, positions 0..
    Generation* busy = nullptr;  // the running generation; null: idle, and `cached` may serve the next prompt
    std::uint64_t last_used = 0;  // a counter, larger is later
    std::string affinity;         // key of the conversation it served last
};

// Tokens that two sequences have in common from the start.
[[nodiscard]] std::size_t common_prefix(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

struct SlotChoice {
    int target = -1;  // index of the slot to use; -1: none is idle
    int source = -1;  // slot whose first `prefix` tokens are reused; == target: in place; else copy first
    std::size_t prefix =
        0;  // at most prompt.size() - 1: the last token is always decoded again, for its logits
};
struct SlotRules {
    bool may_copy = true;  // sequences share one buffer, so copying cells to another sequence costs nothing
    bool may_cut = true;   // a sequence can be truncated; false (recurrent state): whole or not at all
    std::size_t copy_threshold = 64;  // an idle slot that would lose more tokens than this is copied instead
};

// Busy slots may be sources, never targets. With equal prefixes: in place before a copy, the slot with the same
// affinity, then the least recently used.
[[nodiscard]] SlotChoice choose_slot(std::span<const Slot> slots, std::span<const std::int32_t> prompt,
                                     const std::string& affinity, const SlotRules& rules);

// The idle slot, other than `except`, to evict: empty ones first, then the least recently used.
// -1: none.
[[nodiscard]] int least_needed(std::span<const Slot> slots, int except = -1);

}  // namespace hearth::engine
