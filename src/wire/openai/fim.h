#pragma once
// Fill in the middle as Mistral's Codestral takes it: POST /v1/fim/completions, a completion whose answers are shaped as a
// chat's (message.content, delta.content). DeepSeek's is POST /beta/completions with `suffix`: OpenAI's own completion.
//
// Facts: docs.mistral.ai/api (FIM completion), FIMCompletionRequest and FIMCompletionResponse of its OpenAPI document;
// api-docs.deepseek.com (FIM completion).
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "text/json.h"

namespace hearth::wire::openai {

inline constexpr std::string_view kFimEndpoint = "fim";  // Call::endpoint

// {"model","prompt","suffix","max_tokens","stop",…}: one prompt, a string. random_seed is Mistral's name of seed;
// min_tokens and metadata stay in `extra`.
[[nodiscard]] Result<exchange::Request> decode_fim(const json::Document& document);

// For an upstream that has the endpoint: a completion with one prompt of text. `model` empty: the request's.
[[nodiscard]] std::string encode_fim(const exchange::Request& request, std::string_view model = {});

}  // namespace hearth::wire::openai
