#pragma once
// What an upstream's failure means: whether the next candidate may be asked, how long to wait, what caused it.
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "http/head.h"
#include "provider/provider.h"

namespace hearth::provider {

enum class RetryAction : std::uint8_t {
    pass_on,         // the request is at fault: the client gets the upstream's own status and body
    next_candidate,  // another may do better
    without_opaque,  // the same once more, without thinking's signatures and encrypted reasoning; else as pass_on
};

enum class FailureCause : std::uint8_t {
    request,       // the request
    upstream,      // counts as a failure for the circuit
    rate_limited,  // the upstream asks us to wait: the circuit opens until then
    credential,    // our key is wrong, blocked or out of credit: useless until it is changed
    model,         // this model is not to be had there; others may be
};

struct Failure {
    Error error;  // code, sentence, http_status, retry_after_ms; upstream_body for pass_on
    RetryAction action = RetryAction::next_candidate;
    FailureCause cause = FailureCause::upstream;
};

// For a head with status >= 400 (or a 3xx, or a 2xx whose content-type is not what was asked for: see
// wrong_type). `body` is the error body, or as much of it as was read (64 KiB do). Never throws away a JSON
// error the client can use.
//   400, 413, 422         pass_on; error.code context_exceeded when the body says so, 500 too (then next_candidate:
//                         one with a longer context may do)
//   400, 422              without_opaque when the body says that such state is refused
//   401, 403              next_candidate, cause credential (403 may be policy of the provider: same)
//   402                   next_candidate, cause credential (out of credit); 400 where the body says so (Anthropic)
//   404                   next_candidate, cause model
//   408, 409, 424, 425, 5xx, 529   next_candidate, cause upstream
//   429                   next_candidate, cause limited; out of quota ("insufficient_quota"): credential; 400 where
//                         the body says so (AWS)
//   other 4xx             pass_on
//   3xx                   next_candidate: redirects are not followed, a key must not go along
[[nodiscard]] Failure classify(const Provider& provider, int status, const http::HeaderList& headers,
                               std::string_view body, Wall now);

// A 2xx that is not the JSON or event stream that was asked for (a login page, a proxy's HTML).
[[nodiscard]] std::optional<Failure> wrong_type(const Provider& provider, exchange::Dialect dialect,
                                                int status, const http::HeaderList& headers,
                                                bool expect_stream);

// Milliseconds to wait: `retry-after-ms`, then `retry-after` as seconds (fractions as some vendors send) or
// HTTP date (RFC 9110 10.2.3), at most a day; negative and past are 0. nullopt: none given.
[[nodiscard]] std::optional<std::int64_t> retry_after_ms(const http::HeaderList& headers, Wall now);

}  // namespace hearth::provider
