#pragma once
// Claude at Google's Vertex AI: Anthropic's Messages with the model in the path (":rawPredict", ":streamRawPredict") in place
// of the body, and the version in the body in place of a header. Counting tokens is not part of it. Facts:
// platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai.
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

inline constexpr std::string_view kVertexForm = "vertex";  // as rows of providers name it

// Under the base ".../publishers/anthropic".
[[nodiscard]] const UpstreamCodec& vertex_codec();

}  // namespace hearth::wire::anthropic
