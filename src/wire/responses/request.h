#pragma once
// Requests of the Responses dialect, decoded into the exchange form and encoded from it. Pure functions: no clock, no
// configuration, no destination.
//
// Facts: OpenAI API reference, platform.openai.com/docs/api-reference/responses/create.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::responses {

// `kind` is chat or count. Strict about types and counts (Code::invalid_request, `param` such as
// "input[2].content[0].image_url"), lenient about what is new: unknown fields stay as raw text in `extra`, unknown parts
// and items become Foreign parts, unknown tools hosted ones.
//
// Made alike: `instructions` and a leading system message (a system turn); a string input and one user message; items of
// the assistant that follow each other (one turn, parts in order); an output that is a string and one text part; tools of
// the request and of additional_tools items. A namespace's tools are flattened (names.h), and earlier calls of them named
// accordingly. ids and statuses of earlier items are not kept: only a server that stored them could use them.
[[nodiscard]] Result<exchange::Request> decode_request(exchange::Kind kind, const json::Document& document);

// A body for an upstream. decode(encode(x)) == x for what the dialect can say, but for `include`, which is written as
// needed, and a system prompt of several parts, which becomes one.
[[nodiscard]] std::string encode_request(const exchange::Request& request, const UpstreamNeeds& needs);

// Whether the client wants encrypted reasoning back.
[[nodiscard]] bool wants_encrypted_reasoning(const exchange::Request& request);

}  // namespace hearth::wire::responses
