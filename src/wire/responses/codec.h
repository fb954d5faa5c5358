#pragma once
// The OpenAI Responses dialect: POST /v1/responses (chat) and /v1/responses/input_tokens (count), as a server and as a
// client of it. Stored answers, previous_response_id and the WebSocket are the pipeline's: items.h has what it needs.
//
// Facts: OpenAI API reference (Responses, streaming events), platform.openai.com/docs/api-reference/responses; which
// fields must be there though null: the Open Responses specification, openresponses.org.
#include "wire/dialect.h"

namespace hearth::wire::responses {

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::responses
