#pragma once
// Models that other programs keep on this machine: Hugging Face's hub cache, LM Studio's folder, Ollama's blobs. Read
// only: nothing is ever written there, since those programs prune what they do not know. Internal to this room.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/store.h"

namespace hearth::models {

// The file itself, or all parts of a split model in order. Code::corrupt when one is missing.
[[nodiscard]] Result<std::vector<std::string>> split_siblings(const std::string& path);

using Environment = std::function<std::string(std::string_view)>;
[[nodiscard]] std::string process_environment(std::string_view name);  // "" if not set

// At most kMostDiscovered models; files that are not whole GGUF models are passed over.
inline constexpr std::size_t kMostDiscovered = 256;
[[nodiscard]] std::vector<Model> discover_models(const Environment& environment = process_environment);

}  // namespace hearth::models
