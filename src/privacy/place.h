#pragma once
// Where a model runs, as seen from the owner of the bytes. Ordered from the most private to the least.
#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth::privacy {

enum class Place : std::uint8_t {
    local,     // Hearth's own engine, in a confined process on this machine
    loopback,  // another program on this machine (Ollama, LM Studio, llama-server, vLLM)
    lan,       // another machine of the owner's network
    cloud,     // anybody else; also everything of which the place is not known
};

[[nodiscard]] std::string_view to_string(Place place);
[[nodiscard]] std::optional<Place> parse_place(std::string_view text);  // nullopt: not one of the four words

// The less private of two: a moved address or a remote model never makes a destination look safer than it was declared.
[[nodiscard]] constexpr Place stricter(Place a, Place b) { return a < b ? b : a; }

}  // namespace hearth::privacy
