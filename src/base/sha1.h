#pragma once
// SHA-1 (FIPS 180-4), only for the WebSocket handshake of RFC 6455. Not for security.
#include <array>
#include <cstdint>
#include <string_view>

namespace hearth {

[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view bytes);

}  // namespace hearth
