#pragma once
// Requests of the OpenAI dialect: POST /v1/chat/completions, /v1/completions, /v1/embeddings, decoded into
// the exchange form and encoded from it. Pure functions: no clock, no configuration, no destination.
//
// Facts: OpenAI API reference (chat, completions, embeddings), platform.openai.com/docs/api-reference; the
// fields top_k, min_p, repeat_penalty, grammar and ignore_eos as in llama.cpp's server, num_ctx and
// keep_alive as in Ollama's API.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "text/json.h"

namespace hearth::wire::openai {

// Strict about types and counts (Code::invalid_request, `param` such as "messages[2].content[0].image_url"),
// lenient about what is new: unknown fields stay as raw text in `extra`, part and tool types without a name
// here become Foreign parts and hosted tools. An unknown field of a
// nested object is kept beside the outer ones as "object.key" ("stream_options.x"). A destination of another dialect must look at those and refuse
// or warn.
//
// Made alike: content as a string and as one text part; null, "" and absent content (no parts); `functions`,
// `function_call` and role `function` (the modern forms, calls get ids "call_fn_N", Chat::legacy_functions is
// set); max_completion_tokens and max_tokens (the first wins); a reasoning_content or reasoning string (a
// Reasoning part). Order of an assistant turn's parts: Reasoning, content parts, Refusal, ToolCalls.
[[nodiscard]] Result<exchange::Request> decode_chat(const json::Document& document);
[[nodiscard]] Result<exchange::Request> decode_completion(const json::Document& document);
[[nodiscard]] Result<exchange::Request> decode_embedding(const json::Document& document);
[[nodiscard]] Result<exchange::Request> decode_request(exchange::Kind kind, const json::Document& document);

// What OpenAI refuses and local models mostly bear: a tool turn without an earlier call of its id, a call
// without a result, two calls of one id in a turn. Code::invalid_request in OpenAI's words. decode_chat does
// not call it.
[[nodiscard]] Result<void> check_tool_turns(const exchange::Chat& chat);

// "5m", "1h30m", "-1", "300": Ollama's keep_alive as seconds (Go's durations; a bare number is seconds);
// nullopt: neither.
[[nodiscard]] std::optional<std::int64_t> parse_keep_alive(std::string_view text);

struct EncodeOptions {
    std::string_view model;              // the upstream's id; empty: the request's
    bool max_completion_tokens = false;  // the field's name: OpenAI's reasoning models refuse max_tokens
    bool developer_as_system = false;    // vendors without the role `developer`
    bool extensions = true;              // llama.cpp's and Ollama's fields too
    bool extra = true;                   // unknown fields too: only towards the dialect that they came from
    bool reasoning = true;               // earlier thinking as reasoning_content
    bool include_usage = false;          // ask for the usage chunk although the request did not
};
// A body for an upstream, used when no original bytes fit. decode(encode(x)) == x for what decode yields
// (legacy function forms are written in the modern way). Any kind of request.
[[nodiscard]] std::string encode_request(const exchange::Request& request, const EncodeOptions& options = {});

}  // namespace hearth::wire::openai
