#pragma once
// Errors in Google's shape: {"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT"}}, the status being a name of
// google.rpc.Code. Format: google.aip.dev/193, ai.google.dev/gemini-api/docs/troubleshooting.
#include <string>
#include <string_view>

#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::gemini {

// A 429 or 503 that says how long to wait says so in google.rpc.RetryInfo too: Google's clients read no Retry-After.
[[nodiscard]] ErrorReply error_reply(const Error& error);
// The object alone, an upstream's own where it has this shape.
[[nodiscard]] std::string error_body(const Error& error);
// How a stream of events ends that cannot end well.
[[nodiscard]] std::string error_event(const Error& error);

// {"error":…} inside a 200, or in an array as streaming endpoints send it; nullopt when `root` is no error. retry_after_ms
// is that of RetryInfo, where there is one.
[[nodiscard]] std::optional<Error> find_error(json::Value root);

}  // namespace hearth::wire::gemini
