#pragma once
// Estimated memory need of a model, and available memory. Estimates are high rather than low; they decide what is
// unloaded or rejected, never correctness.
#include <cstdint>
#include <string>

#include "models/gguf.h"

namespace hearth::models {

struct MemoryNeed {
    std::uint64_t weights =
        0;  // the file's tensors (mapped: the kernel may evict them, but then every token is slow)
    std::uint64_t cache = 0;    // keys and values of `context` tokens for all sequences together, f16
    std::uint64_t compute = 0;  // activations, output rows, the runtime itself
    [[nodiscard]] std::uint64_t total() const { return weights + cache + compute; }
};

// `context`: tokens of one sequence; `parallel`: sequences that share a cache of context × parallel tokens.
// `weights` of all parts together (facts.tensor_bytes covers one part). `batch`: tokens per decode step.
[[nodiscard]] MemoryNeed estimate_memory(const GgufFacts& facts, std::uint64_t weights, std::uint64_t context,
                                         std::uint64_t parallel, std::uint64_t batch = 512);

struct MemoryState {
    std::uint64_t total = 0;      // of the machine, or of the control group if that is less
    std::uint64_t available = 0;  // without swapping
};
// /proc/meminfo (MemTotal, MemAvailable; proc(5)), capped by the control group's limit and use (cgroup v2 memory.max and
// memory.current, v1 memory.limit_in_bytes and usage_in_bytes; file cache that can be dropped counts as free). `root`
// is "/" except in tests.
[[nodiscard]] MemoryState read_memory(const std::string& root = "/");

[[nodiscard]] std::string human_bytes(std::uint64_t bytes);  // "4.3 GiB", "512 KiB", "17 B"

}  // namespace hearth::models
