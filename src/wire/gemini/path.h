#pragma once
// Where Gemini's endpoints stand: the path names the model and the method ("/v1beta/models/gemini-x:generateContent"),
// the query the framing of a stream ("alt=sse"; without it the stream is one JSON array). Format:
// ai.google.dev/api/generate-content#method:-models.streamgeneratecontent, google.aip.dev/136 (custom methods).
#include <optional>
#include <string>
#include <string_view>

#include "wire/dialect.h"

namespace hearth::wire::gemini {

// Call::endpoint of a stream that is one JSON array.
inline constexpr std::string_view kArrayStream = "streamGenerateContent:array";
inline constexpr std::string_view kBatchEmbed = "batchEmbedContents";

// Recognises /VERSION/models/M:METHOD, /VERSION/tunedModels/M:METHOD and Vertex's /VERSION/publishers/P/models/M:METHOD
// and /VERSION/projects/…/publishers/P/models/M:METHOD, VERSION being v1, v1beta, v1beta1 or v1alpha. M is
// percent-decoded and may contain '/'; a resource name before it ("models/", "publishers/google/models/") is left out,
// "tunedModels/" stays. `query` is without its '?'. nullopt: another path, an unknown method, a model that is no name.
[[nodiscard]] std::optional<Call> parse_path(std::string_view path, std::string_view query);

// The model as a resource: "models/x", "tunedModels/x".
[[nodiscard]] std::string resource_name(std::string_view model);
// Under the provider's base: "/models/x:streamGenerateContent?alt=sse". nullopt: the dialect has no such kind.
[[nodiscard]] std::optional<std::string> upstream_path(exchange::Kind kind, std::string_view model,
                                                       bool stream);

}  // namespace hearth::wire::gemini
