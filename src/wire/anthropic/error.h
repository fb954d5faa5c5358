#pragma once
// Errors in Anthropic's shape: {"type":"error","error":{"type","message"}}. platform.claude.com/docs/en/api/errors.
#include <string>
#include <string_view>

#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

// An upstream's own body passes unmodified when it is in this shape: clients recover by its wording.
[[nodiscard]] ErrorReply error_reply(const Error& error);
// context_exceeded has Anthropic's message, "prompt is too long: N tokens > M maximum", by which agents compact.
[[nodiscard]] std::string error_body(const Error& error);
// `event: error` with the body: how a stream ends that cannot end well.
void append_error_event(std::string& out, const Error& error);

// An error in an event or body that came with status 200; its type says the status that it would have had: 5xx is
// upstream_failed (504 upstream_timeout), 429 rate_limited, other 4xx upstream_rejected with the body. "prompt is too long"
// is context_exceeded with both numbers, and keeps its body too.
[[nodiscard]] Error read_error_object(json::Value root);

}  // namespace hearth::wire::anthropic
