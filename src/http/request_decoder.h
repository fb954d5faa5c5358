#pragma once
// Decodes HTTP/1.1 (and 1.0) requests, without I/O. As strict as RFC 9112 allows: input that two parsers could read
// as different messages is rejected, and after an error the connection must be closed (the decoder keeps returning
// the same error).
//
// Rejected (status in Error::http_status): Content-Length with Transfer-Encoding, several Content-Length, any
// that is not 1*DIGIT, Transfer-Encoding in HTTP/1.0 (400); any coding but exactly "chunked" (501); obs-fold,
// bare CR or LF, NUL and controls in values, space before the colon, empty or invalid names, lines without a
// colon; no Host, two Hosts or an invalid one; chunk sizes that are not 1*16HEXDIG followed by CRLF or a short
// extension; framing fields in trailers; Expect other than 100-continue (417); HTTP/0.9, 2+ (505); sizes
// (413, 414, 431).
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/body_decoder.h"
#include "http/head.h"
#include "http/head_scanner.h"

namespace hearth::http {

class RequestDecoder {
  public:
    explicit RequestDecoder(const Limits& limits = {}) : limits_(limits) {}

    // One event per call, see Event. A head contained in the input is parsed in place; incomplete ones are
    // buffered.
    [[nodiscard]] Result<Progress> feed(std::string_view input);
    template <std::size_t N>  // a template, so that a std::string is not taken for a span
    [[nodiscard]] Result<Progress> feed(std::span<const char, N> input) {
        return feed(std::string_view(input.data(), input.size()));
    }
    // After `end`: ready for the next request on the connection. Keeps memory.
    void next();

    // From `head` until next().
    [[nodiscard]] const RequestHead& head() const { return head_; }
    [[nodiscard]] RequestHead& head() { return head_; }
    // Whether the connection may carry another request after this one (RFC 9112 section 9.3).
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    // The client waits for "100 Continue" before it sends its body (never when there is no body or for
    // HTTP/1.0).
    [[nodiscard]] bool expects_continue() const { return expects_continue_; }
    [[nodiscard]] bool chunked() const { return body_.chunked(); }
    // Content-Length; 0 when there is no body; nullopt when chunked.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const { return body_.content_length(); }
    [[nodiscard]] bool has_body() const { return chunked() || content_length().value_or(0) > 0; }

    // A route's own body limit, from `head` on; takes effect for the bytes still to come, and for a Content-Length
    // at once on the next feed().
    void set_body_limit(std::size_t bytes) { body_.set_limit(bytes); }

    // True between requests: no byte of the next one has arrived (an empty line, which old clients send, does not
    // count). EOF is then a clean close.
    [[nodiscard]] bool idle() const {
        return state_ == State::head && (pending_.empty() || pending_ == "\r\n");
    }

  private:
    enum class State : std::uint8_t { head, body, ended, failed };
    Result<Progress> feed_head(std::string_view input);
    Result<bool> scan(std::string_view bytes);
    Result<void> parse_head(std::string_view bytes);
    Result<void> parse_request_line(std::string_view line);
    Result<void> parse_target();
    Result<void> parse_host();
    Result<void> parse_framing();

    Limits limits_;
    State state_ = State::head;
    std::string pending_;  // an incomplete head
    HeadScanner scanner_;
    bool keep_alive_ = false, expects_continue_ = false;
    RequestHead head_;
    BodyDecoder body_;
    Error error_;
};

}  // namespace hearth::http
