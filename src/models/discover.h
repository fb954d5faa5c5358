#pragma once
// Models of other programs on this machine: Hugging Face's hub cache, LM Studio's folder, Ollama's blobs. Read-only:
// nothing is ever written there, since those programs delete unknown files. Internal to this room.
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

// Cached facts of unchanged files: parsing a vocabulary takes milliseconds. Thread-safe.
class FactsCache {
  public:
    [[nodiscard]] Result<GgufFacts> facts(const std::string& path);

  private:
    struct Known {
        std::uint64_t bytes = 0;
        std::int64_t changed_ns = 0;
        GgufFacts facts;
    };
    static constexpr std::size_t kMaxEntries = 4096;
    std::mutex mutex_;
    std::map<std::string, Known> known_;
};

// A model of plain files, including all parts, with the given name and origin.
[[nodiscard]] Result<Model> model_of_files(FactsCache& cache, const std::string& first, std::string name,
                                           std::string origin);

using Environment = std::function<std::string(std::string_view)>;
[[nodiscard]] std::string process_environment(std::string_view name);  // "" if not set

// At most kMostDiscovered models; files that are not complete GGUF models are skipped.
inline constexpr std::size_t kMostDiscovered = 256;
[[nodiscard]] std::vector<Model> discover_models(FactsCache& cache,
                                                 const Environment& environment = process_environment);

}  // namespace hearth::models
