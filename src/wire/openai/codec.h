#pragma once
// The OpenAI dialect, client and upstream codec (wire/dialect.h): chat, completions, embeddings, reranking; endpoint
// "fim" is Mistral's.
#include "wire/dialect.h"

namespace hearth::wire::openai {

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::openai
