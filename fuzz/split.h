#pragma once
// For targets whose input is a stream: the output must not depend on how the input is split.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::fuzz {

// Passes the bytes in pieces of `step`, each in its own allocation so that the sanitizer detects dangling and overlong
// views. use(piece) returns false to stop.
template <class Use>
void in_pieces(std::string_view bytes, std::size_t step, Use use) {
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        const auto part = bytes.substr(at, step);
        const std::vector<char> copy(part.begin(), part.end());
        if (!use(std::string_view(copy.data(), copy.size()))) return;
    }
}

// The first byte of the input is the size of the pieces. decode(bytes, step) returns a record of all events.
template <class Decode>
std::string same_when_split(const std::uint8_t* data, std::size_t size, Decode decode) {
    if (size == 0) return {};
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::string whole = decode(bytes, bytes.size() + 1);
    if (whole != decode(bytes, data[0] % 16 + 1u)) __builtin_trap();
    return whole;
}

}  // namespace hearth::fuzz
