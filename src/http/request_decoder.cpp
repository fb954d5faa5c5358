#include "http/request_decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::http {
namespace {

constexpr std::size_t kMethodBytes = 32;

bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Host fields and authorities: a name of letters, digits, '-', '.', '_', or an IPv6 literal in brackets, then an optional
// port. Stricter than RFC 3986, whose other characters do not occur in host names on the Internet.
bool is_authority(std::string_view text) {
    std::string_view rest = text;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || close < 3) return false;
        const auto inside = text.substr(1, close - 1);
        const bool hex = std::ranges::all_of(inside, [](char c) {
            return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
        });
        if (!hex) return false;
        rest = text.substr(close + 1);
    } else {
        std::size_t n = 0;
        while (n < text.size() && (is_alnum(text[n]) || text[n] == '-' || text[n] == '.' || text[n] == '_'))
            ++n;
        if (n == 0 || n > 253) return false;
        rest = text.substr(n);
    }
    if (rest.empty()) return true;
    if (rest.front() != ':' || rest.size() < 2 || rest.size() > 6) return false;
    return std::ranges::all_of(rest.substr(1), is_digit);
}

// Visible ASCII without the characters that RFC 3986 forbids in a path and that parsers treat differently.
bool is_path_character(char c) {
    return c > 0x20 && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
}

}  // namespace

void RequestDecoder::next() {
    state_ = State::head;
    pending_.clear();
    scanner_.reset();
    head_.clear();
    keep_alive_ = expects_continue_ = false;
}

Result<Progress> RequestDecoder::feed(std::string_view input) {
    Result<Progress> result;
    switch (state_) {
        case State::head:
            result = feed_head(input);
            break;
        case State::body:
            result = body_.feed(input);
            break;
        case State::ended:
            return Progress{Event::end, 0, {}};
        case State::failed:
            return fail(error_);
    }
    if (!result) {
        state_ = State::failed;
        error_ = result.error();
        keep_alive_ = false;
    } else if (result->event == Event::end) {
        state_ = State::ended;
    }
    return result;
}

Result<Progress> RequestDecoder::feed_head(std::string_view input) {
    const std::size_t before = pending_.size();
    const std::string_view piece =
        input.substr(0, limits_.head_bytes - before);  // anything beyond exceeds the limit anyway
    const std::string_view bytes = before == 0 ? piece : std::string_view(pending_.append(piece));
    const auto complete = scan(bytes);
    if (!complete) return fail(complete.error());
    if (!*complete) {
        if (before == 0) pending_.assign(piece);
        return Progress{Event::need_more, input.size(), {}};
    }
    if (auto parsed = parse_head(bytes); !parsed) return fail(parsed.error());
    const std::size_t consumed = scanner_.size() - before;
    pending_.clear();
    state_ = State::body;
    return Progress{Event::head, consumed, {}};
}

// Sizes are checked at the first byte over the limit, before any later byte is parsed: the result must not depend on how
// the input was split.
Result<bool> RequestDecoder::scan(std::string_view bytes) {
    // Method, spaces, version and line ends: the request line without its target.
    const std::size_t line = std::min(limits_.target_bytes + kMethodBytes + 16, limits_.head_bytes);
    if (!scanner_.first_line_done()) {
        if (auto scanned = scanner_.scan(bytes.substr(0, line)); !scanned || *scanned) return scanned;
        if (!scanner_.first_line_done() && bytes.size() >= line) {
            return reject(414, fmt::format("The request line is longer than {} bytes.", line));
        }
    }
    auto complete = scanner_.scan(bytes);
    if (complete && !*complete && bytes.size() >= limits_.head_bytes) {
        return reject(431, fmt::format("The head of the request is larger than the limit of {} bytes.",
                                       limits_.head_bytes));
    }
    return complete;
}

Result<void> RequestDecoder::parse_head(std::string_view bytes) {
    if (auto line = parse_request_line(scanner_.first_line(bytes)); !line) return line;
    if (auto fields = scanner_.fields(bytes, limits_.headers, head_.headers); !fields) return fields;
    if (auto host = parse_host(); !host) return host;
    return parse_framing();
}

// method SP request-target SP HTTP-version, single spaces (RFC 9112 section 3).
Result<void> RequestDecoder::parse_request_line(std::string_view line) {
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    const std::string_view method = line.substr(0, first);
    if (!is_token(method) || method.size() > kMethodBytes)
        return reject(400, "The request line has no valid method.");
    if (first == last) return reject(400, "The request line must be 'METHOD TARGET HTTP/1.1'.");
    const std::string_view version = line.substr(last + 1);
    const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                             version[6] == '.' && is_digit(version[7]);
    if (!well_formed) return reject(400, "The request line does not end in an HTTP version.");
    if (version[5] != '1') return reject(505, "Only HTTP/1.1 and HTTP/1.0 are supported.");
    head_.version_minor = version[7] == '0' ? 0 : 1;
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (target.size() > limits_.target_bytes) {
        return reject(414, fmt::format("The request target is longer than the limit of {} bytes.",
                                       limits_.target_bytes));
    }
    head_.method = method;
    head_.target = target;
    return parse_target();
}

// RFC 9112 section 3.2. Absolute-form is what clients send to a proxy; it is split here.
Result<void> RequestDecoder::parse_target() {
    const std::string_view target = head_.target;
    if (!std::ranges::all_of(target, is_path_character)) {
        return reject(400, "The request target has a character that must be percent-encoded.");
    }
    if (target == "*") {
        head_.form = TargetForm::asterisk;
        if (head_.method != "OPTIONS") return reject(400, "The target '*' is for OPTIONS only.");
    } else if (head_.method == "CONNECT") {
        head_.form = TargetForm::authority;
        if (!is_authority(target)) return reject(400, "CONNECT needs a target of the form host:port.");
        head_.host = target;
    } else if (!target.starts_with('/')) {
        const std::size_t colon = target.find("://");
        const std::string_view scheme = target.substr(0, colon == std::string_view::npos ? 0 : colon);
        if (!iequals(scheme, "http") && !iequals(scheme, "https")) {
            return reject(400, "The request target must begin with '/' or be an http URL.");
        }
        head_.form = TargetForm::absolute;
        const std::string_view rest = target.substr(colon + 3);
        const std::size_t slash = rest.find_first_of("/?");
        head_.host = rest.substr(0, slash);
        if (!is_authority(head_.host)) return reject(400, "The URL in the request line has no valid host.");
        std::string path(slash == std::string_view::npos ? std::string_view{} : rest.substr(slash));
        if (!path.starts_with('/')) path.insert(0, 1, '/');
        head_.target = std::move(path);
    }
    return {};
}

Result<void> RequestDecoder::parse_host() {
    const std::size_t count = head_.headers.count("host");
    if (count > 1) return reject(400, "Host appears more than once.");
    if (count == 0) {
        return head_.version_minor == 0 ? Result<void>{} : reject(400, "HTTP/1.1 requires a Host field.");
    }
    const std::string_view host = head_.headers.get("host");
    if (!is_authority(host))
        return reject(400, "The Host field is not a host name or address with an optional port.");
    if (head_.host.empty()) {
        head_.host = host;
    } else if (!iequals(head_.host, host)) {
        // RFC 9112 section 3.2 lets a server prefer the target; an intermediary may have used the other name.
        return reject(400, "The Host field and the request target name different hosts.");
    }
    return {};
}

Result<void> RequestDecoder::parse_framing() {
    const HeaderList& headers = head_.headers;
    const auto chunked = chunked_of(headers, head_.version_minor);
    if (!chunked) return fail(chunked.error());
    const auto length = content_length_of(headers);
    if (!length) return fail(length.error());
    keep_alive_ = persists(headers, head_.version_minor);
    if (*chunked) {
        body_.start_chunked(limits_.body_bytes);
    } else {
        body_.start_length(length->value_or(0), limits_.body_bytes);
        const auto most = std::max<std::uint64_t>(limits_.announced_bytes, limits_.body_bytes);
        if (length->value_or(0) > most) {
            auto refused =
                reject(413, fmt::format("The body has {} bytes; the limit is {}.", **length, most));
            refused.error()->needed = static_cast<std::int64_t>(**length);
            refused.error()->limit = static_cast<std::int64_t>(most);
            return refused;
        }
    }
    for (const Header header : headers) {
        if (!iequals(header.name, "expect")) continue;
        if (!iequals(header.value, "100-continue"))
            return reject(417, "The only supported expectation is 100-continue.");
        expects_continue_ = head_.version_minor >= 1 && has_body();
    }
    return {};
}

}  // namespace hearth::http
