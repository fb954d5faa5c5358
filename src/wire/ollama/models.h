#pragma once
// What Ollama tells of its models: GET /api/tags, GET /api/ps, POST /api/show, GET /api/version. Editors decide by these
// what a model can do: capabilities, the context length under the architecture's key, `.Suffix` in the template for a
// model that fills in the middle, num_ctx among the parameters.
//
// Facts: api/types.go (ListModelResponse, ProcessModelResponse, ShowResponse, ModelDetails) and types/model/capability.go
// of Ollama's repository.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::wire::ollama {

// Whose habits we follow; clients refuse servers that are too old (Codex: 0.13.4, VS Code: 0.6.4).
inline constexpr std::string_view kVersion = "0.13.5";

struct ModelEntry {
    std::string name;  // "qwen3:8b"; `model` is the same
    std::int64_t size = 0;
    std::string digest;  // sha256 in hex
    std::int64_t modified_at_s = 0;
    std::string family;                 // the architecture: "qwen3"
    std::vector<std::string> families;  // empty: only `family`
    std::string parameter_size;         // "8.2B"
    std::string quantization_level;     // "Q4_K_M"
    std::string format = "gguf";
    std::vector<std::string>
        capabilities;                   // "completion", "tools", "vision", "thinking", "insert", "embedding"
    std::int64_t context_length = 0;    // that the model was trained for; 0: unknown
    std::int64_t embedding_length = 0;  // 0: unknown
};
// A loaded one.
struct LoadedModel {
    ModelEntry model;
    std::int64_t size_vram = 0, context_length = 0;  // context_length: as it was loaded
    std::optional<std::int64_t> expires_at_s;        // nullopt: never (a time far away)
};
struct ModelDetails {
    ModelEntry model;
    std::string architecture;  // empty: model.family
    std::string basename;      // "general.basename": "Qwen3"
    std::int64_t parameter_count = 0;
    std::int64_t num_ctx = 0;   // that a request gets; 0: no such parameter
    std::string template_text;  // empty: a plain one, with `.Suffix` when the model can insert
    std::string parameters;     // further lines "NAME  VALUE"
    std::string modelfile, license, system;
    // Beside the ones above, for who asks verbosely: the file's own keys, each value as JSON, and its tensors.
    std::vector<std::pair<std::string, std::string>> info;
    struct Tensor {
        std::string name, type;
        std::vector<std::uint64_t> shape;
    };
    std::vector<Tensor> tensors;
};

[[nodiscard]] std::string encode_tags(std::span<const ModelEntry> models);
[[nodiscard]] std::string encode_ps(std::span<const LoadedModel> models);
[[nodiscard]] std::string encode_show(const ModelDetails& details);
[[nodiscard]] std::string encode_version();

}  // namespace hearth::wire::ollama
