#pragma once
// GET /v1/models and /v1/models/{id} in Anthropic's shape (platform.claude.com/docs/en/api/models-list), with additive
// fields.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearth::wire::anthropic {

struct ModelEntry {
    std::string id;
    std::string display_name;  // empty: the id
    std::int64_t created_s = 0;
    std::optional<std::int64_t> max_input_tokens,
        max_tokens;  // of input and of output; left out when unknown
};

// Claude Code's menu shows only models whose names begin with "claude" or "anthropic": the others are listed under an alias
// too, this prefix before their name.
inline constexpr std::string_view kMenuPrefix = "claude-hearth-";
[[nodiscard]] bool shown_in_menu(std::string_view id);

[[nodiscard]] std::string encode_models(std::span<const ModelEntry> models, bool has_more = false);
[[nodiscard]] std::string encode_model(const ModelEntry& model);

}  // namespace hearth::wire::anthropic
