#pragma once
// Where an answer is computed, from nearest to farthest. The order is the strictness: sending bytes to a greater place
// needs a stronger permission. A custom provider is `cloud` unless the configuration says otherwise.
#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth {

enum class Place : std::uint8_t {
    local,     // hearth-engine, a confined process of Hearth
    loopback,  // another program on this machine (Ollama, LM Studio, llama-server, vLLM)
    lan,       // a machine on the local network
    cloud,     // anywhere else
};

[[nodiscard]] constexpr std::string_view place_name(Place place) {
    constexpr std::string_view kNames[] = {"local", "loopback", "lan", "cloud"};
    return kNames[static_cast<std::size_t>(place)];
}

[[nodiscard]] constexpr std::optional<Place> place_from(std::string_view name) {
    for (const auto place : {Place::local, Place::loopback, Place::lan, Place::cloud}) {
        if (place_name(place) == name) return place;
    }
    return std::nullopt;
}

// The less private of two: a changed address or a remote model never makes a destination look safer than declared.
[[nodiscard]] constexpr Place stricter(Place a, Place b) {
    return a < b ? b : a;
}

}  // namespace hearth
