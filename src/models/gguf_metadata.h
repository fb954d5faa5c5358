#pragma once
// The keys of a GGUF file while it is read, from which the facts are derived. Internal to this room.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/gguf.h"
#include "models/gguf_reader.h"
#include "models/gguf_types.h"

namespace hearth::models {

struct Metadata {
    std::map<std::string, std::uint64_t, std::less<>> integers;  // booleans too; negatives are left out
    std::map<std::string, std::string, std::less<>> strings;
    std::map<std::string, std::vector<std::uint64_t>, std::less<>>
        lists;                                                        // integers, at most kListLength of them
    std::map<std::string, std::uint64_t, std::less<>> lengths;        // of every array
    bool fim_prefix = false, fim_suffix = false, fim_middle = false;  // seen among the vocabulary's tokens
    std::vector<GgufKey> keys;
    std::size_t list_room = 1U << 20;  // remaining elements that may be stored

    [[nodiscard]] std::uint64_t integer(std::string_view key) const;
    [[nodiscard]] std::string string(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const {
        return integers.contains(key) || lists.contains(key);
    }
};

inline constexpr std::size_t kListLength = 4096;          // layers, not tokens
inline constexpr std::uint64_t kKeptString = 4ULL << 20;  // chat templates reach 100 KiB
inline constexpr std::uint64_t kKeptStrings = 32ULL << 20;

void read_metadata(GgufReader& reader, std::uint64_t count, Metadata& into);
[[nodiscard]] GgufFacts facts_of(const Metadata& metadata, const std::vector<GgufTensor>& tensors);

}  // namespace hearth::models
