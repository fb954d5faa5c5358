#pragma once
// FNV-1a, 64 bits (www.isthe.com/chongo/tech/comp/fnv): the same in every process and release, for names that are made up
// where only difference counts. Not against malice.
#include <cstdint>
#include <string_view>

namespace hearth {

// `from`: the hash of what stands before `text`.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t from = 0xcbf29ce484222325U) {
    for (const char byte : text) from = (from ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return from;
}
static_assert(fnv1a("a") == 0xaf63dc4c8601ec8cU);

}  // namespace hearth
