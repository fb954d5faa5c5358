#pragma once
// Errors of Ollama: {"error":"a sentence"}, always a string (its JavaScript client prints an object as [object Object]).
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/dialect.h"

namespace hearth::wire::ollama {

[[nodiscard]] ErrorReply error_reply(const Error& error);
[[nodiscard]] std::string error_body(const Error& error);

}  // namespace hearth::wire::ollama
