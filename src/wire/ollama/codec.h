#pragma once
// Ollama's own API, client and upstream codec (wire/dialect.h): endpoints "chat", "generate", "embed" and "embeddings".
#include "wire/dialect.h"

namespace hearth::wire::ollama {

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::ollama
