#pragma once
// Errors of Ollama: {"error":"a sentence"}, always a string (its JavaScript client prints an object as [object Object]).
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/dialect.h"

namespace hearth::wire::ollama {

[[nodiscard]] ErrorReply error_reply(const Error& error);
[[nodiscard]] std::string error_body(const Error& error);
// An upstream's non-2xx answer: classes as in wire/openai/error.h; "the input length exceeds the context length" becomes
// Code::context_exceeded, without numbers.
[[nodiscard]] Error read_error(int status, std::string_view body);

}  // namespace hearth::wire::ollama
