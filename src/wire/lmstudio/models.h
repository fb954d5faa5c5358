#pragma once
// GET /api/v0/models and /api/v0/models/{id} as LM Studio answers them: its clients read from here what is loaded and how
// long the context may be.
//
// Facts: lmstudio.ai/docs/developer/rest/endpoints (REST API v0).
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hearth::wire::lmstudio {

struct ModelEntry {
    std::string id;
    enum class Type : std::uint8_t { llm, vlm, embeddings } type = Type::llm;  // vlm: takes images
    std::string publisher, arch;
    std::string quantization;  // "Q4_K_M"; empty: left out
    std::string compatibility_type = "gguf";
    bool loaded = false;
    std::int64_t max_context_length = 0;                // 0: left out
    std::optional<std::int64_t> loaded_context_length;  // of a loaded model
    std::vector<std::string> capabilities;              // "tool_use"; empty: left out
};

[[nodiscard]] std::string encode_models(std::span<const ModelEntry> models);
[[nodiscard]] std::string encode_model(const ModelEntry& model);

}  // namespace hearth::wire::lmstudio
