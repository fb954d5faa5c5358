#pragma once
// Errors in OpenAI's shape: {"error":{"message","type","param","code"}}. Types and codes: OpenAI's error
// guide, platform.openai.com/docs/guides/error-codes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/dialect.h"

namespace hearth::wire::openai {

[[nodiscard]] ErrorReply error_reply(const Error& error);

// {"error":{…}} alone. context_exceeded has OpenAI's exact message with both numbers: agents recover by
// it.
[[nodiscard]] std::string error_body(const Error& error);

// `data: {"error":{…}}` and a blank line: how a stream ends that cannot end well. No [DONE] may follow.
void append_error_event(std::string& out, const Error& error);

}  // namespace hearth::wire::openai
