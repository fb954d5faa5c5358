#pragma once
// The Gemini dialect (Google's generateContent), client and upstream codec (wire/dialect.h): chat, counting of tokens and
// embeddings. Format: ai.google.dev/api/generate-content, /api/tokens, /api/embeddings; Vertex AI has the same bodies.
#include "wire/dialect.h"
#include "wire/gemini/path.h"

namespace hearth::wire::gemini {

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::gemini
