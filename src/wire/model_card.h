#pragma once
// A model as lists of models show it, before a dialect gives it its shape.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hearth::wire {

struct ModelCard {
    std::string id, owned_by;
    std::int64_t created_s = 0;                                     // Unix seconds
    std::optional<std::int64_t> context_length, max_output_tokens;  // nullopt: unknown
    std::string place;                                              // "local" | "loopback" | "lan" | "cloud"
    std::vector<std::string> capabilities;  // "chat", "tools", "vision", "embedding", "fim", ...
    std::string state;                      // "loaded", "available", "no key", ...
    bool chat = true, embedding = false;
};

struct ModelListWriter {
    std::string (*list)(std::span<const ModelCard> models) = nullptr;
    // One of them; `requested`: the name under which the client asked for it, which may be an alias.
    std::string (*one)(const ModelCard& model, const std::string& requested) = nullptr;
};

}  // namespace hearth::wire
