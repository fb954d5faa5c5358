#pragma once
// Requests of llama-server's own endpoints: POST /completion (also /completions) and /infill. Pure functions.
//
// Facts: tools/server/README.md and server-schema.cpp of llama.cpp (github.com/ggml-org/llama.cpp), version 0.5.0.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::llama {

// call.endpoint: "completion" or "infill". Both are completions; "infill" has a suffix.
//
// The prompt of "infill" is, in this order: for each entry of input_extra a line "--- FILENAME ---" ("--- snippet ---"
// without a name) and its text; input_prefix; `prompt`, which is what stands before the cursor on its line.
//
// n_predict 0 stays as max_tokens 0 (is_warm_up). -1, -2 and absent mean no limit. In logit_bias `false` is -100, a bias
// of a text instead of a token id leaves the whole field in `extra`; n_probs above 20 is 20. json_schema, samplers,
// cache_prompt, id_slot, t_max_predict_ms, response_fields and the like stay in `extra`.
[[nodiscard]] Result<exchange::Request> decode_request(const Call& call, const json::Document& document);

// Only the cache is to be filled: editors send this on every change of the context that they collect. The answer is an
// empty content.
[[nodiscard]] bool is_warm_up(const exchange::Request& request);

// A body for /infill when the completion has a suffix, else for /completion. `model` empty: the request's. Unknown fields
// go along when the request came in this dialect.
[[nodiscard]] std::string encode_request(const exchange::Request& request, std::string_view model = {});

}  // namespace hearth::wire::llama
