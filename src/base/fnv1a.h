#pragma once
// FNV-1a, 64 bits (www.isthe.com/chongo/tech/comp/fnv): stable across processes and releases, for generated names that only
// have to differ. Not collision-resistant against an attacker.
#include <cstdint>
#include <string_view>

namespace hearth {

// `from`: the hash of the preceding text.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t from = 0xcbf29ce484222325U) {
    for (const char byte : text) from = (from ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return from;
}
static_assert(fnv1a("a") == 0xaf63dc4c8601ec8cU);

}  // namespace hearth
