#pragma once
// Requests of the Gemini dialect: generateContent, streamGenerateContent, countTokens, embedContent and
// batchEmbedContents, decoded into the exchange form and encoded from it. Pure functions.
//
// Format: ai.google.dev/api/generate-content, /api/caching#Content (parts, tools, schemas), /api/tokens,
// /api/embeddings; thought signatures and their validation: ai.google.dev/gemini-api/docs/thought-signatures; thinking:
// ai.google.dev/gemini-api/docs/thinking.
#include <string>
#include <string_view>

#include "wire/dialect.h"

namespace hearth::wire::gemini {

// Strict about types and counts (Code::invalid_request, `param` such as "contents[2].parts[0].functionCall.args"),
// lenient about what is new: unknown fields stay in `extra` ("generationConfig.x"; safetySettings, cachedContent and
// labels are among them), parts and tools without a name here become Foreign parts and hosted tools. Fields may be
// written in snake_case.
//
// Made alike: systemInstruction as a string, a list of parts or a Content (a leading system turn); a content with
// functionResponse parts (one tool turn for each, user turns for what stands between); calls without an id (they get
// "call_0", "call_1", … by position) and responses without one (the oldest unanswered call of that name); thoughts in
// pieces (one Reasoning up to its signature); a signature on a text (a Reasoning without text behind it);
// {"output":text} and {"error":text} as a function's response (the text, Turn::is_error).
[[nodiscard]] Result<exchange::Request> decode_request(const Call& call, const json::Document& document);

// A body for an upstream; the model stands in the path. decode(encode(x)) == x for what the dialect keeps.
//
// Ids of calls go out only where this very provider made them (its signature is carried and the id is none of ours):
// Vertex AI refuses the field, and without it results are matched by order, in which they are therefore written.
[[nodiscard]] std::string encode_request(const exchange::Request& request, const UpstreamNeeds& needs);

// Ids of calls that bore none: for an answer's calls made from `seed`, what is known of the answer, so that those of
// two answers differ. is_invented_id knows these and the ones that decode_request gives.
[[nodiscard]] std::string invented_id(std::string_view seed, std::size_t number);
[[nodiscard]] bool is_invented_id(std::string_view id);

}  // namespace hearth::wire::gemini
