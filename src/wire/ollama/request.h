#pragma once
// Requests of Ollama's own API: POST /api/chat, /api/generate, /api/embed and the older /api/embeddings. Pure functions.
//
// Facts: docs/api.md and api/types.go of Ollama's repository (github.com/ollama/ollama). Its sampling options are
// llama.cpp's (wire/llama/sampling.h).
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::ollama {

// call.endpoint: "chat", "generate", "embed" or "embeddings"; empty: by call.kind. The request's own kind is decided
// here: "generate" is a completion with `raw` or `suffix` (no template is applied, or the template's own middle form)
// and else a chat of system, prompt and images.
//
// Made alike: `stream` absent and true; arguments as an object and as its text; calls without an id get "call_tool_N" by
// their place in the conversation; results without an id go to the first call of their tool_name that waits for one, or
// to the first that waits at all. `context`, `template`, `truncate`, unknown options and the like stay in `extra`.
[[nodiscard]] Result<exchange::Request> decode_request(const Call& call, const json::Document& document);

// The client sent no prompt: only the model is to be loaded, and there is nothing to generate. With keep_alive 0 it is
// to be unloaded instead. A prompt that is empty before a suffix is none of these: the cursor stands at the start.
[[nodiscard]] bool is_load(const exchange::Request& request);
[[nodiscard]] bool is_unload(const exchange::Request& request);

// A body for /api/chat, /api/generate or /api/embed, by the request's kind. `model` empty: the request's. Unknown fields
// go along when the request came in this dialect.
[[nodiscard]] std::string encode_request(const exchange::Request& request, std::string_view model = {});

}  // namespace hearth::wire::ollama
