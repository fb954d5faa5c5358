#include "http/head_scanner.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace hearth::http {

Failed reject(int status, std::string message) {
    Error error;
    error.code = status == 413                    ? Code::too_large
                 : status == 414 || status == 431 ? Code::head_too_large
                 : status == 501 || status == 505 ? Code::unsupported
                                                  : Code::invalid_request;
    error.message = std::move(message);
    error.http_status = status;
    return Failed(std::move(error));
}

void HeadScanner::reset() {
    start_ = line_ = scanned_ = size_ = 0;
    ends_.clear();
}

Result<bool> HeadScanner::scan(std::string_view bytes) {
    const char* data = bytes.data();
    while (scanned_ < bytes.size()) {
        const void* hit = std::memchr(data + scanned_, '\n', bytes.size() - scanned_);
        if (hit == nullptr) {
            scanned_ = bytes.size();
            return false;
        }
        const auto lf = static_cast<std::size_t>(static_cast<const char*>(hit) - data);
        scanned_ = lf + 1;
        if (lf == line_ || data[lf - 1] != '\r')
            return reject(400, "A line of the head ends in LF without CR.");
        const bool empty = lf == line_ + 1;
        if (!empty) {
            ends_.push_back(static_cast<std::uint32_t>(lf - 1));
        } else if (!ends_.empty()) {
            size_ = scanned_;
            return true;
        } else if (start_ == 0) {
            start_ = scanned_;
        } else {
            return reject(400, "More than one empty line precedes the request line.");
        }
        line_ = scanned_;
    }
    return false;
}

Result<Header> parse_field(std::string_view line) {
    if (line.starts_with(' ') || line.starts_with('\t')) {
        return reject(400, "A header field is folded over two lines, which HTTP/1.1 forbids.");
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return reject(400, "A header line has no colon.");
    Header field{line.substr(0, colon), line.substr(colon + 1)};
    if (!is_token(field.name)) {
        return reject(400,
                      "A header field name is empty or has a character that is not allowed (a space before "
                      "the colon?).");
    }
    while (field.value.starts_with(' ') || field.value.starts_with('\t')) field.value.remove_prefix(1);
    while (field.value.ends_with(' ') || field.value.ends_with('\t')) field.value.remove_suffix(1);
    if (!is_field_value(field.value)) {
        return reject(400,
                      fmt::format("The header field '{}' has a control character in its value.", field.name));
    }
    return field;
}

Result<void> HeadScanner::fields(std::string_view bytes, std::size_t max_count, HeaderList& out) const {
    out.clear();
    if (ends_.size() - 1 > max_count) {
        return reject(431,
                      fmt::format("The head has {} fields; the limit is {}.", ends_.size() - 1, max_count));
    }
    const std::size_t base = ends_.front() + 2;
    out.buffer_.assign(bytes.substr(base, size_ - 2 - base));
    const std::string_view block = out.buffer_;
    for (std::size_t i = 1; i < ends_.size(); ++i) {
        const std::size_t from = ends_[i - 1] + 2 - base;
        const auto field = parse_field(block.substr(from, ends_[i] - base - from));
        if (!field) return fail(field.error());
        const auto offset = [&](std::string_view s) {
            return static_cast<std::uint32_t>(s.data() - block.data());
        };
        out.entries_.push_back({offset(field->name), static_cast<std::uint32_t>(field->name.size()),
                                offset(field->value), static_cast<std::uint32_t>(field->value.size())});
    }
    return {};
}

Result<std::optional<std::uint64_t>> content_length_of(const HeaderList& headers) {
    const auto found = headers.find("content-length");
    if (!found) return std::nullopt;
    if (headers.count("content-length") > 1) return reject(400, "Content-Length appears more than once.");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), length);
    if (error != std::errc{} || end != found->data() + found->size() || length >> 63 != 0) {
        return reject(400, "Content-Length must be a plain decimal number below 2^63.");
    }
    return length;
}

Result<bool> chunked_of(const HeaderList& headers, int version_minor) {
    const auto found = headers.find("transfer-encoding");
    if (!found) return false;
    if (version_minor == 0) return reject(400, "Transfer-Encoding does not exist in HTTP/1.0.");
    if (headers.contains("content-length")) {
        return reject(400,
                      "Content-Length and Transfer-Encoding together make the length of the body ambiguous.");
    }
    if (headers.count("transfer-encoding") > 1)
        return reject(400, "Transfer-Encoding appears more than once.");
    if (iequals(*found, "chunked")) return true;
    // RFC 9112 section 6.3: chunked must be last and single; any other coding is not supported.
    if (found->empty()) return reject(400, "Transfer-Encoding is empty.");
    if (headers.has_token("transfer-encoding", "chunked")) {
        return reject(400, "Transfer-Encoding must be exactly 'chunked'.");
    }
    return reject(501, "Transfer-Encoding names a coding that is not supported; only 'chunked' is.");
}

bool persists(const HeaderList& headers, int version_minor) {
    if (headers.has_token("connection", "close")) return false;
    return version_minor >= 1 || headers.has_token("connection", "keep-alive");
}

}  // namespace hearth::http
