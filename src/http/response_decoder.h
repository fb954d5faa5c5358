#pragma once
// Decodes HTTP/1.1 (and 1.0) responses, without I/O. Same strictness as RequestDecoder. Errors:
// Code::upstream_failed for a response that is not well formed or too large, Code::upstream_broken when the
// connection ends in the middle of one.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/body_decoder.h"
#include "http/head.h"
#include "http/head_scanner.h"

namespace hearth::http {

class ResponseDecoder {
  public:
    // body_bytes bounds the whole body; for an endless stream give SIZE_MAX and bound its events.
    explicit ResponseDecoder(const Limits& limits = {}) : limits_(limits) {}

    // Before each response: the request method decides whether a body follows (RFC 9112 section 6.3).
    void start(bool head_request = false);
    // Interim responses (1xx) are skipped, up to 16; 101 is rejected, since Hearth requests no upgrade.
    [[nodiscard]] Result<Progress> feed(std::string_view input);
    template <std::size_t N>  // a template, so that a std::string is not taken for a span
    [[nodiscard]] Result<Progress> feed(std::span<const char, N> input) {
        return feed(std::string_view(input.data(), input.size()));
    }
    // The peer closed its side. Valid after `end`, and it *is* the end of a body without a length; everywhere
    // else the response is truncated: upstream_broken. After success, ended() is true.
    [[nodiscard]] Result<void> eof();

    [[nodiscard]] const ResponseHead& head() const { return head_; }
    [[nodiscard]] bool ended() const { return state_ == State::ended; }
    // No byte of a response has arrived: a connection that fails now may have been a stale one from the pool.
    [[nodiscard]] bool idle() const { return state_ == State::head && pending_.empty() && interim_ == 0; }
    [[nodiscard]] bool chunked() const { return body_.chunked(); }
    // 0 when there is no body; nullopt when chunked or until close.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const { return body_.content_length(); }
    // After `end`: the connection may carry another request. Not with bytes left over in
    // the input.
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    void set_body_limit(std::size_t bytes) { body_.set_limit(bytes); }

  private:
    enum class State : std::uint8_t { head, body, ended, failed };
    Result<Progress> feed_head(std::string_view input);
    Result<void> parse_head(std::string_view bytes);
    Result<void> parse_status_line(std::string_view line);
    Result<void> parse_framing();
    Result<Progress> answer(Result<Progress> result);
    [[nodiscard]] bool interim() const { return head_.status / 100 == 1; }

    Limits limits_;
    State state_ = State::head;
    bool head_request_ = false;
    int interim_ = 0;
    std::string pending_;
    HeadScanner scanner_;
    bool keep_alive_ = false;
    ResponseHead head_;
    BodyDecoder body_;
    Error error_;
};

}  // namespace hearth::http
