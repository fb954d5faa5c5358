#include "http/response_decoder.h"

#include <fmt/format.h>

namespace hearth::http {
namespace {

constexpr int kInterimResponses = 16;

Error upstream(Code code, std::string message) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    return error;
}

}  // namespace

void ResponseDecoder::start(bool head_request) {
    state_ = State::head;
    head_request_ = head_request;
    interim_ = 0;
    pending_.clear();
    scanner_.reset();
    head_.clear();
    keep_alive_ = false;
}

Result<Progress> ResponseDecoder::feed(std::string_view input) {
    switch (state_) {
        case State::head:
            return answer(feed_head(input));
        case State::body:
            return answer(body_.feed(input));
        case State::ended:
            return Progress{Event::end, 0, {}};
        case State::failed:
            break;
    }
    return fail(error_);
}

// Errors of the shared parsers carry a status for a client; here the upstream is at fault.
Result<Progress> ResponseDecoder::answer(Result<Progress> result) {
    if (result) {
        if (result->event == Event::end) state_ = State::ended;
        return result;
    }
    state_ = State::failed;
    keep_alive_ = false;
    error_ =
        upstream(Code::upstream_failed, "The upstream's response cannot be read: " + result.error()->message);
    error_.limit = result.error()->limit;
    return fail(error_);
}

Result<Progress> ResponseDecoder::feed_head(std::string_view input) {
    std::size_t consumed = 0;
    for (;;) {
        const std::size_t before = pending_.size();
        const std::string_view piece = input.substr(consumed, limits_.head_bytes - before);
        const std::string_view bytes = before == 0 ? piece : std::string_view(pending_.append(piece));
        const auto complete = scanner_.scan(bytes);
        if (!complete) return fail(complete.error());
        if (scanner_.skipped_empty_line()) return reject(400, "an empty line precedes its status line.");
        if (!*complete && bytes.size() >= limits_.head_bytes) {
            return reject(431,
                          fmt::format("its head is larger than the limit of {} bytes.", limits_.head_bytes));
        }
        if (!*complete) {
            if (before == 0) pending_.assign(piece);
            return Progress{Event::need_more, input.size(), {}};
        }
        if (auto parsed = parse_head(bytes); !parsed) return fail(parsed.error());
        consumed += scanner_.size() - before;
        pending_.clear();
        scanner_.reset();
        if (!interim()) break;
        if (head_.status == 101) return reject(400, "it switches protocols without a request to do so.");
        if (++interim_ > kInterimResponses) return reject(400, "it sends too many interim responses.");
        head_.clear();
    }
    state_ = State::body;
    return Progress{Event::head, consumed, {}};
}

Result<void> ResponseDecoder::parse_head(std::string_view bytes) {
    if (auto line = parse_status_line(scanner_.first_line(bytes)); !line) return line;
    if (auto fields = scanner_.fields(bytes, limits_.headers, head_.headers); !fields) return fields;
    return parse_framing();
}

// HTTP-version SP 3DIGIT [ SP reason ] (RFC 9112 section 4; some servers leave out the last space).
Result<void> ResponseDecoder::parse_status_line(std::string_view line) {
    const bool well_formed = line.size() >= 12 && line.starts_with("HTTP/1.") && is_digit(line[7]) &&
                             line[8] == ' ' && line[9] >= '1' && line[9] <= '5' && is_digit(line[10]) &&
                             is_digit(line[11]) && (line.size() == 12 || line[12] == ' ');
    if (!well_formed) return reject(400, "its first line is not an HTTP/1 status line.");
    const std::string_view reason = line.size() > 13 ? line.substr(13) : std::string_view{};
    if (!is_field_value(reason)) return reject(400, "its reason phrase has control characters.");
    head_.version_minor = line[7] == '0' ? 0 : 1;
    head_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    head_.reason = reason;
    return {};
}

// RFC 9112 section 6.3.
Result<void> ResponseDecoder::parse_framing() {
    const auto chunked = chunked_of(head_.headers, head_.version_minor);
    if (!chunked) return fail(chunked.error());
    const auto length = content_length_of(head_.headers);
    if (!length) return fail(length.error());
    keep_alive_ = persists(head_.headers, head_.version_minor);
    if (head_request_ || interim() || head_.status == 204 || head_.status == 304) {
        body_.start_length(0, limits_.body_bytes);
        // A forbidden body may still follow: the connection is not reused.
        if (head_.status == 204 && (*chunked || length->value_or(0) > 0)) keep_alive_ = false;
    } else if (*chunked) {
        body_.start_chunked(limits_.body_bytes);
    } else if (*length) {
        body_.start_length(**length, limits_.body_bytes);
    } else {
        body_.start_until_close(limits_.body_bytes);
        keep_alive_ = false;
    }
    return {};
}

Result<void> ResponseDecoder::eof() {
    if (state_ == State::ended) return {};
    if (state_ == State::failed) return fail(error_);
    if (state_ == State::body && body_.until_close()) {
        state_ = State::ended;
        return {};
    }
    if (state_ == State::body &&
        body_.content_length() == 0) {  // complete, but feed() has not returned `end` yet
        state_ = State::ended;
        return {};
    }
    const bool nothing = idle();
    state_ = State::failed;
    keep_alive_ = false;
    error_ = upstream(Code::upstream_broken,
                      nothing ? "The upstream closed the connection without an answer."
                              : "The upstream closed the connection in the middle of its answer.");
    return fail(error_);
}

}  // namespace hearth::http
