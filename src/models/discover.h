#pragma once
// Models that other programs keep on this machine: Hugging Face's hub cache, LM Studio's folder, Ollama's blobs. Read
// only: nothing is ever written there, since those programs prune what they do not know. Internal to this room.
//
// Layouts: huggingface_hub's cache (models--ORG--REPO/refs/main, snapshots/COMMIT), LM Studio
// (models/PUBLISHER/REPO/FILE.gguf), Ollama (manifests/registry.ollama.ai/library/NAME/TAG naming blobs/sha256-HEX).
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/store.h"

namespace hearth::models {

// The file itself, or all parts of a split model in order. Code::corrupt when one is missing.
[[nodiscard]] Result<std::vector<std::string>> split_siblings(const std::string& path);

// Facts of files that have not changed since they were read: a vocabulary takes milliseconds to walk. Any thread.
class FactsCache {
  public:
    [[nodiscard]] Result<GgufFacts> facts(const std::string& path);

  private:
    struct Known {
        std::uint64_t bytes = 0;
        std::int64_t changed_ns = 0;
        GgufFacts facts;
    };
    static constexpr std::size_t kMost = 4096;
    std::mutex mutex_;
    std::map<std::string, Known> known_;
};

// A model of plain files, all parts of it, under the name and origin that are given.
[[nodiscard]] Result<Model> model_of_files(FactsCache& cache, const std::string& first, std::string name,
                                           std::string origin);

using Environment = std::function<std::string(std::string_view)>;
[[nodiscard]] std::string process_environment(std::string_view name);  // "" if not set

// At most kMostDiscovered models; files that are not whole GGUF models are passed over.
inline constexpr std::size_t kMostDiscovered = 256;
[[nodiscard]] std::vector<Model> discover_models(FactsCache& cache,
                                                 const Environment& environment = process_environment);

}  // namespace hearth::models
