#pragma once
// Whole answers: GenerateContentResponse, CountTokensResponse, EmbedContentResponse and its batch. Formats:
// ai.google.dev/api/generate-content, /api/tokens, /api/embeddings.
#include <string>
#include <string_view>

#include "wire/dialect.h"

namespace hearth::wire::gemini {

// The body for the client; context.endpoint tells which of the embeddings' two shapes it asked for.
[[nodiscard]] std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer);

// An upstream's 200 body. Fails with Code::upstream_failed when it is no answer of this kind.
[[nodiscard]] Result<exchange::Answer> decode_answer(exchange::Kind kind, std::string_view body,
                                                     json::Document& scratch);

}  // namespace hearth::wire::gemini
