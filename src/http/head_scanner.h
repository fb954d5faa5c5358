#pragma once
// Internal to http/: finds the end of a head in bytes that arrive in arbitrary pieces, in linear time, and splits its lines
// into fields.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/head.h"

namespace hearth::http {

// A rejection with its status (400, 413, 414, 417, 431, 501, 505) in Error::http_status.
[[nodiscard]] Failed reject(int status, std::string message);

[[nodiscard]] inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class HeadScanner {
  public:
    // Looks for the empty line in `bytes`, which must begin with the bytes of earlier calls since reset(). True: complete.
    // One empty line before the first is skipped (RFC 9112 section 2.2). A line that ends in a bare LF is rejected.
    [[nodiscard]] Result<bool> scan(std::string_view bytes);
    void reset();

    [[nodiscard]] std::size_t size() const { return size_; }  // of the whole head, once complete
    [[nodiscard]] bool first_line_done() const { return !ends_.empty(); }
    [[nodiscard]] bool skipped_empty_line() const { return start_ != 0; }
    // Without CR LF. Once complete.
    [[nodiscard]] std::string_view first_line(std::string_view bytes) const {
        return bytes.substr(start_, ends_.front() - start_);
    }
    // All lines after the first, into `out`: one copy of the block, then offsets.
    [[nodiscard]] Result<void> fields(std::string_view bytes, std::size_t max_count, HeaderList& out) const;

  private:
    std::size_t start_ = 0;            // of the first line
    std::size_t line_ = 0;             // start of the line that is being scanned
    std::size_t scanned_ = 0;          // bytes already scanned
    std::size_t size_ = 0;             // of the head
    std::vector<std::uint32_t> ends_;  // of each line, at its CR
};

// One field line without CR LF: rejects obs-fold, space before the colon, invalid names and values. The value is trimmed.
[[nodiscard]] Result<Header> parse_field(std::string_view line);

// Content-Length of a head: nullopt when absent; rejects repeated fields and anything but 1*DIGIT below 2^63.
[[nodiscard]] Result<std::optional<std::uint64_t>> content_length_of(const HeaderList& headers);
// Whether the head has exactly "Transfer-Encoding: chunked"; rejects every other transfer coding, and any in HTTP/1.0
// or beside a Content-Length.
[[nodiscard]] Result<bool> chunked_of(const HeaderList& headers, int version_minor);
// RFC 9112 section 9.3.
[[nodiscard]] bool persists(const HeaderList& headers, int version_minor);

}  // namespace hearth::http
