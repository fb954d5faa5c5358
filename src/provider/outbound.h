#pragma once
// The head of a request to a provider: path, credentials, and which of the client's headers may pass. Body
// and framing are the caller's: content-length is not set here.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "http/head.h"
#include "provider/provider.h"

namespace hearth::provider {

inline constexpr std::string_view kHopHeader =
    "x-hearth-hop";  // how many Hearths a request has passed: "1", "2" …

// The hop count of an incoming request; 0 without the header. Error: Code::loop_detected (508) when it is at
// limits::kHops, Code::invalid_request when it is not a number.
[[nodiscard]] Result<int> incoming_hops(const http::HeaderList& headers);

// What every request of a kind to a provider over one of its wires says: POST with target, host, authorization,
// content-type, accept, accept-encoding: identity, user-agent, anthropic-version, configured headers. `path`: under the
// wire's base path, nullopt when the dialect has no such endpoint. Errors: Code::unavailable when the provider is not ready
// (key or address missing: the message says which variable); Code::forbidden when a key would go to another machine over
// plain http; Code::unsupported when it has no such endpoint.
[[nodiscard]] Result<http::RequestHead> common_head(const Provider& provider, const Wire& wire,
                                                    exchange::Kind kind,
                                                    const std::optional<std::string>& path, bool stream);

// What one request adds: the hop header (`hops`: incoming_hops() of the client's request), and what may pass of the
// client's own headers. To an upstream of the client's own dialect (`same_dialect`): the vendor's (openai-*, anthropic-*
// but its version, x-goog-* but keys, agents and projects), idempotency-key, x-client-request-id, http-referer and x-title
// (OpenRouter's own), x-session-id, unless they are configured. Never: cookies, the client's authorization (unless the provider passes the client's credentials),
// forwarded and x-forwarded-*, hop-by-hop fields, x-hearth-*, x-stainless-* (they describe the client's machine),
// anything else.
void add_request_headers(const Provider& provider, int hops, bool same_dialect,
                         const http::HeaderList& client, http::HeaderList& out);

// GET {base}/models with the same credentials.
[[nodiscard]] Result<http::RequestHead> models_head(const Provider& provider);

}  // namespace hearth::provider
