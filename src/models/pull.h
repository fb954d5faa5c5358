#pragma once
// Fetching a model: a path, an http(s) URL, or hf:org/repo[:QUANT] (Hugging Face's hub API and layout; any
// compatible server). Resumable: bytes are written to partial/<key>.part with their ETag beside them, an interrupted
// transfer resumes with Range and If-Range (RFC 9110 sections 13.1.5 and 14.2), and starts over if the server answers 200.
// Every file is hashed; if the hub reports the SHA-256 (the LFS object id), it must match. A model appears under its name
// only when all of its files are complete.
//
// Hub API (huggingface.co/docs/hub/api and llama.cpp common/hf-cache.cpp): GET /api/models/{repo}/refs names the commit
// of "main"; GET /api/models/{repo}/tree/{commit}?recursive=true lists path, size, lfs.oid; GET
// /{repo}/resolve/{commit}/{path} returns the bytes, usually through a redirect to another host. The token is sent to the
// endpoint's own host only.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "models/store.h"
#include "privacy/cleared.h"
#include "text/url.h"

namespace hearth::client {
class Sender;
}
namespace hearth::net {
class Loop;
}

namespace hearth::models {

enum class Stage : std::uint8_t { resolve, download, verify, store };
[[nodiscard]] std::string_view stage_name(Stage stage);

struct Progress {
    Stage stage = Stage::resolve;
    std::string file;             // which of them, by name
    std::string sha256;           // expected; empty: unknown
    std::uint64_t done = 0;       // bytes of all files together
    std::uint64_t total = 0;      // 0: not known yet
    double bytes_per_second = 0;  // over the last seconds
};

struct PullOptions {
    std::optional<Name> name;        // name of the model; default: from the source
    std::string endpoint;            // hub; empty: MODEL_ENDPOINT, HF_ENDPOINT, else https://huggingface.co
    std::string token;               // empty: HF_TOKEN; never sent over plain http except to loopback
    std::uint64_t max_bytes = 0;     // limit for all files together; 0 = free disk space
    int attempts = 6;                // per file, without progress in between
    milliseconds retry_first{1000};  // before the second attempt; doubles
    std::uint64_t free_bytes = 0;    // for tests: assumed free disk space; 0 = the real one
    std::function<void(const Progress&)> on_progress;  // a few times a second, on the loop
    // Called for every host that must be asked, redirects included. A refusal ends the pull with its error.
    std::function<Result<privacy::Cleared>(const text::Url&)> clear;
    // "HF_TOKEN" -> value; default: the process environment.
    std::function<std::string(std::string_view)> environment;
};

// The parsed source of a pull.
struct Source {
    enum class Kind : std::uint8_t { file, url, hub } kind = Kind::file;
    std::string text;   // path, URL, or "org/repo"
    std::string quant;  // hub only; empty = choose
};
// "hf:org/repo:Q4_K_M", "hf.co/org/repo", "https://huggingface.co/org/repo", "https://host/x.gguf", "./x.gguf".
// Code::invalid_request with the accepted forms.
[[nodiscard]] Result<Source> parse_source(std::string_view text);

struct HubFile {
    std::string path, sha256;
    std::uint64_t bytes = 0;
};
// Which files to fetch: those whose name has QUANT (case ignored, followed by '.' or '-'); without one Q4_K_M, then
// Q8_0, then the first. mmproj, imatrix and draft files are never chosen. A split model yields all of its
// parts in order. Code::not_found lists the available quantizations, nearest first.
[[nodiscard]] Result<std::vector<HubFile>> choose_hub_files(const std::vector<HubFile>& tree,
                                                            std::string_view quant);

// Errors: not_found (with nearest names), unauthenticated (401/403: says which variable to set), storage (disk: both
// numbers), corrupt (checksum: both sums; not a GGUF), upstream_*, cancelled (what is there is kept for a resume).
[[nodiscard]] Task<Result<Model>> pull(net::Loop& loop, client::Sender& client, Store& store,
                                       std::string source, PullOptions options, StopToken stop);

}  // namespace hearth::models
