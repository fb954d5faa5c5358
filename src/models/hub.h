#pragma once
// The hub's listing of a repository. Internal to this room; the API is described in models/pull.h.
#include <string>
#include <string_view>
#include <vector>

#include "models/fetch.h"

namespace hearth::models {

inline constexpr int kTreePages = 64;
inline constexpr std::size_t kTreeFiles = 50'000;

struct Repository {
    std::string name, commit;  // commit: an id, or "main" if the server does not report it
    std::vector<HubFile> files;
};
[[nodiscard]] Task<Result<Repository>> list_repository(Fetcher& fetcher, std::string name, StopToken stop);
[[nodiscard]] Result<text::Url> file_url(const text::Url& hub, const Repository& repository,
                                         const HubFile& file);

// Pure functions. Errors: Code::upstream_failed.
[[nodiscard]] Result<std::string> parse_refs(std::string_view json);
[[nodiscard]] Result<void> parse_tree(std::string_view json, std::vector<HubFile>& into);

[[nodiscard]] std::string quant_of(std::string_view path);  // "Q4_K_M" of "x-q4_k_m.gguf"; "" if none

}  // namespace hearth::models
