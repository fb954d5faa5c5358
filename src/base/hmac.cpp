#include "base/hmac.h"

#include <algorithm>
#include <cstring>

namespace hearth {

Digest256 hmac_sha256(std::string_view key, std::string_view message) {
    std::array<std::uint8_t, 64> block{};
    if (key.size() > block.size()) {
        const auto shorter = sha256(key);
        std::ranges::copy(shorter, block.begin());
    } else {
        std::memcpy(block.data(), key.data(), key.size());
    }
    for (auto& byte : block) byte ^= 0x36;
    Sha256 inner;
    inner.update(block);
    inner.update(message);
    const auto sum = inner.finish();
    for (auto& byte : block) byte ^= 0x36 ^ 0x5c;
    Sha256 outer;
    outer.update(block);
    outer.update(sum);
    explicit_bzero(block.data(), block.size());
    return outer.finish();
}

}  // namespace hearth
