#pragma once
// Local servers on loopback: what to ask them and how to read their answers. The asking is the caller's.
// Facts per program: docs of Ollama (api.md), LM Studio (REST API v0), llama.cpp (tools/server/README.md) and
// vLLM (OpenAI-compatible server), as of 2026.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/place.h"
#include "provider/provider.h"

namespace hearth::provider {

// A GET relative to the server's root (not to the base path). Answers are at most kProbeBytes.
struct Probe {
    std::string path;       // "/api/tags"
    bool required = false;  // without a 200 here it is not this program
};
inline constexpr std::size_t kProbeBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxLocalModels = 1'000;

struct LocalModel {
    std::string id;
    std::int64_t context = 0;  // as configured if known, else what the model can; 0 = unknown
    std::int64_t bytes = 0;    // 0 = unknown
    bool chat = true, embedding = false, suffix = false, tools = false, images = false;
    bool loaded = false;
    Place place = Place::loopback;  // cloud: the server itself sends it on (Ollama's remote models)
};

struct Found {
    Runtime runtime = Runtime::none;
    std::string version;  // empty = unknown
    std::vector<LocalModel> models;
    bool truncated = false;  // more than kMaxLocalModels
};

[[nodiscard]] std::vector<Probe> probes(Runtime runtime);

struct ProbeAnswer {
    std::string path;
    int status = 0;  // 0: no answer
    std::string body;
};
// Error: Code::unavailable when the answers are not this program's; Code::upstream_failed when they cannot be
// read.
[[nodiscard]] Result<Found> read_probes(Runtime runtime, const std::vector<ProbeAnswer>& answers);

// "gpt-oss:120b-cloud", "kimi-k2:1t-cloud", "glm-5:cloud": Ollama runs these on its own servers.
[[nodiscard]] bool ollama_name_is_remote(std::string_view model);

}  // namespace hearth::provider
