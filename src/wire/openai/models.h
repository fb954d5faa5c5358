#pragma once
// GET /v1/models and /v1/models/{id} in OpenAI's shape, with additive fields that other clients read.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hearth::wire::openai {

struct ModelEntry {
    std::string id;
    std::int64_t created_s = 0;
    std::string owned_by;
    // Additive: left out when unset or empty.
    std::optional<std::int64_t> context_length, max_output_tokens;
    std::string place;                      // "local" | "loopback" | "lan" | "cloud"
    std::vector<std::string> capabilities;  // "chat", "tools", "vision", "embedding", "fim", …
    std::string state;                      // "loaded", "available", "no key", …
};

[[nodiscard]] std::string encode_models(std::span<const ModelEntry> models);
[[nodiscard]] std::string encode_model(const ModelEntry& model);

}  // namespace hearth::wire::openai
