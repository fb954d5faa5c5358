#pragma once
// Whole answers of the OpenAI dialect: chat.completion, text_completion, list of embeddings.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "text/json.h"
#include "wire/facts.h"

namespace hearth::wire::openai {

// What the pipeline must know of a 200 body that is passed on as it came. Fails with Code::upstream_failed when
// the body is no JSON object of the right kind (an HTML page, an error inside a 200): the next candidate may
// be asked.
[[nodiscard]] Result<AnswerFacts> read_answer(exchange::Kind kind, std::string_view body,
                                              json::Document& scratch);

// The whole body, for a client of another dialect; same failures. Embeddings may be arrays or base64.
[[nodiscard]] Result<exchange::Answer> decode_answer(exchange::Kind kind, std::string_view body,
                                                     json::Document& scratch);

struct AnswerOptions {
    bool base64 = false;                    // embeddings as base64 of little-endian float32
    bool legacy_functions = false;          // Chat::legacy_functions: function_call instead of tool_calls
    bool logprobs = false;                  // the client asked: `logprobs` is an object, else null
    std::optional<exchange::Started> name;  // id, model and time in place of the answer's own
};
// The body for the client. answer.failure must not be set (error.h writes those).
[[nodiscard]] std::string encode_answer(exchange::Kind kind, const exchange::Answer& answer,
                                        const AnswerOptions& options = {});

}  // namespace hearth::wire::openai
