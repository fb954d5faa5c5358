#pragma once
// Errors of llama-server: {"error":{"code":400,"message","type"}}, with n_prompt_tokens and n_ctx beside them when the
// prompt does not fit. Types: format_error_response() in tools/server/server-common.cpp of llama.cpp.
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/dialect.h"

namespace hearth::wire::llama {

[[nodiscard]] ErrorReply error_reply(const Error& error);
[[nodiscard]] std::string error_body(const Error& error);
// An error inside a 200 or a stream of the type exceed_context_size_error: code, needed and limit.
void read_context_size(json::Value root, Error& error);

// The upstream's own sentence, wherever its dialect puts it in upstream_body; else the error's message.
[[nodiscard]] std::string upstream_words(const Error& error);

}  // namespace hearth::wire::llama
