#pragma once
// GET /v1beta/models and /v1beta/models/{id} in Google's shape. Format: ai.google.dev/api/models.
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace hearth::wire::gemini {

struct ModelEntry {
    std::string id;                         // without "models/"
    std::string display_name, description;  // display_name empty: the id
    std::optional<std::int64_t> input_tokens, output_tokens;
    bool chat = true, embedding = false;  // what it can do: supportedGenerationMethods
};

[[nodiscard]] std::string encode_models(std::span<const ModelEntry> models);
[[nodiscard]] std::string encode_model(const ModelEntry& model);

}  // namespace hearth::wire::gemini
