#pragma once
// Errors are values: one flat enum, a message for the user, and the few facts that a dialect's error format needs.
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

enum class Code : std::uint8_t {
    invalid_request,     // the client's bytes are wrong: syntax, types, missing fields (400)
    unauthenticated,     // no key or a wrong one (401)
    forbidden,           // refused by policy, Host or Origin (403)
    not_found,           // unknown path, model or id (404)
    method_not_allowed,  // known path, other method (405)
    timeout_client,      // the client was too slow (408)
    conflict,            // already running, already exists (409)
    too_large,           // a body, field or count over its limit (413)
    head_too_large,      // request line or headers over their limit (431)
    unsupported,         // understood, but not supported (501)
    context_exceeded,    // prompt does not fit: needed > limit (400, code context_length_exceeded)
    rate_limited,        // an upstream's limit or one of ours is reached (429)
    loop_detected,       // a request came back to this gateway (508)
    unavailable,         // no suitable and permitted model can answer now (503)
    overloaded,          // queue full (503)
    upstream_connect,    // DNS, TCP or TLS to an upstream failed (502)
    upstream_failed,     // upstream answered 5xx or something invalid (502)
    upstream_rejected,   // upstream answered 4xx: its status and body are passed on
    upstream_timeout,    // no first token in time, or a stall (504)
    upstream_broken,     // the stream was interrupted after it had begun
    cancelled,           // the client disconnected, or shutdown
    corrupt,             // a file that is not what it claims (GGUF, database)
    storage,             // disk full, permission, locked
    config,              // bad configuration
    internal,            // a bug in Hearth
};

struct Error {
    Code code = Code::internal;
    std::string message;  // one sentence: what, where, the limit, the remedy; no content, no secrets
    std::string param;    // the field at fault ("messages[2].role"), or empty
    std::optional<std::int64_t> retry_after_ms;  // when waiting helps
    std::int64_t needed = 0, limit = 0;          // for context_exceeded and too_large: both numbers
    int http_status = 0;                         // the upstream's status when code is upstream_*, else 0
    std::string upstream_body;  // upstream_rejected: its error body, passed on in the same dialect
};

// An Error inside a Result: one pointer wide, so that the success path neither moves nor destroys eight fields for each
// Result. Construction, copying and destruction are out of line, and fail() is marked cold, so that the compiler moves
// error paths out of the hot code. A moved-from ErrorBox must not be read.
class ErrorBox {
  public:
    ErrorBox(Error error);  // NOLINT: an Error is a Result's error wherever one is returned
    ErrorBox(const ErrorBox& other);
    ErrorBox(ErrorBox&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
    ErrorBox& operator=(ErrorBox other) noexcept {
        std::swap(error_, other.error_);
        return *this;
    }
    ~ErrorBox() {
        if (error_) [[unlikely]]
            drop();
    }

    Error* operator->() { return error_; }
    const Error* operator->() const { return error_; }
    Error& operator*() { return *error_; }
    const Error& operator*() const { return *error_; }
    operator const Error&() const& { return *error_; }
    operator Error&&() && { return std::move(*error_); }

  private:
    [[gnu::cold]] void drop() noexcept;
    Error* error_;
};

template <class T>
using Result = std::expected<T, ErrorBox>;

// fail(Code::x, "sentence") as a return value of any function that returns Result<T>.
using Failed = std::unexpected<ErrorBox>;
[[nodiscard, gnu::cold]] Failed fail(Code code, std::string_view message, std::string_view param = {});
[[nodiscard, gnu::cold]] Failed fail(Error error);
[[nodiscard, gnu::cold]] Failed fail(ErrorBox error);

// HTTP status that Hearth answers for a code (RFC 9110); where an upstream's status is passed on, that one takes precedence.
[[nodiscard]] int http_status(Code code);
[[nodiscard]] std::string_view code_name(Code code);  // "invalid_request", for logs and the ledger

}  // namespace hearth
