#pragma once
// One request and its response, as a handler sees them. Valid until the handler's task ends; used on the loop's
// thread.
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "base/time.h"
#include "http/head.h"
#include "net/address.h"

namespace hearth::server {

class Exchange {
  public:
    virtual ~Exchange() = default;
    [[nodiscard]] virtual const http::RequestHead& head() const = 0;
    [[nodiscard]] virtual const net::Address& peer() const = 0;
    [[nodiscard]] virtual const std::string& id() = 0;  // "req_...", created on first use
    [[nodiscard]] virtual Mono started() const = 0;     // the loop's time when the head was complete

    // The whole body, at most `limit` bytes and Limits::http.body_bytes: beyond, Code::too_large (413). A
    // body that came with its head is not copied. Answers "Expect: 100-continue". Valid until forget_body() or
    // the handler's end, and may be called again until then.
    // Other errors: invalid_request (framing), timeout_client (408), cancelled (client gone).
    virtual Task<Result<std::string_view>> read_body(std::size_t limit = limits::kBodyBytes) = 0;

    // A body that is too large for memory, in pieces as they arrive: empty at its end, valid until the next call. At most
    // `limit` bytes in all, whatever Limits::http.body_bytes is. Instead of read_body(), never both.
    virtual Task<Result<std::string_view>> read_piece(std::uint64_t limit) = 0;

    // The body is no longer needed: a long-lived stream then holds no request memory.
    virtual void forget_body() = 0;

    // The whole response in one write: Content-Length, Date and Connection are added; to HEAD the body is not
    // sent. Returns when the kernel has accepted everything. Status 204 and 304 send no body.
    virtual Task<Result<void>> respond(int status, const http::HeaderList& headers,
                                       std::string_view body) = 0;
    // The server's ErrorWriter makes the body (OpenAI's shape, or another dialect's); Retry-After is added
    // when known.
    virtual Task<Result<void>> respond_error(const Error& error) = 0;

    // A streamed response: chunked, or until the connection closes for HTTP/1.0. start() only queues the head;
    // bytes are sent at the end of the loop's tick, so start and several small writes make one system call.
    // write() waits while more than Limits::write_buffer bytes are unsent (backpressure), fails with
    // `cancelled` once the client has disconnected, and copies: the pieces may be reused when it returns.
    // finish() waits until the kernel has accepted everything.
    virtual Result<void> start(int status, const http::HeaderList& headers) = 0;
    virtual Task<Result<void>> write(std::span<const std::string_view> pieces) = 0;
    virtual Task<Result<void>> write(std::string_view one) = 0;
    virtual Task<Result<void>> finish() = 0;

    // Upgrades the connection (RFC 9110 section 7.8): 101 with `headers`, after which write() sends bytes as they are and receive()
    // reads the client's. The connection ends with the exchange; its total time is no longer limited.
    virtual Result<void> upgrade(const http::HeaderList& headers) = 0;
    // The next bytes, valid until the next call; empty: the client closed its side, or sent nothing for `idle`.
    virtual Task<std::string_view> receive(nanoseconds idle) = 0;

    // Resets the connection without a last chunk, so that the client cannot mistake a partial response for a complete
    // one.
    virtual void abort() = 0;
    // Ends a started response that failed midstream: waits until the kernel has accepted everything written so far
    // (the error event must arrive), then closes with FIN but without the last chunk, so that the client reads
    // the event and cannot mistake the response for a complete one. (HTTP/1.0 has no chunks: only the event
    // tells.)
    virtual Task<void> break_off() = 0;

    // Stops when the client disconnects (at once while streaming, else after a grace period of 5 ms, rounded up to a
    // loop deadline), when the exchange's total time is exceeded, or when the grace period of shutdown ends. Reason:
    // cancelled.
    [[nodiscard]] virtual StopToken gone() = 0;
    [[nodiscard]] virtual bool started_response() const = 0;  // respond() or start() was called
    [[nodiscard]] virtual bool finished() const = 0;
};

}  // namespace hearth::server
