#pragma once
// Encodes heads and chunks. Header injection is prevented: a name that is not a token, a value with CR, LF, NUL or
// another control character, a target with a space are Code::internal errors, and nothing is appended.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "http/head.h"

namespace hearth::http {

// Writes a head piece by piece without a HeaderList:
//     HeadWriter w(out);
//     w.status(200).header("content-type", "application/json").content_length(n);
//     if (auto done = w.finish(); !done) ...
// The first problem is kept; finish() then removes everything that was written and returns the error.
class HeadWriter {
  public:
    explicit HeadWriter(std::string& out) : out_(out), begin_(out.size()) {}

    HeadWriter& request(std::string_view method, std::string_view target);  // "POST /v1/x HTTP/1.1"
    HeadWriter& status(int status, std::string_view reason = {});  // no reason: reason_phrase(status)
    HeadWriter& header(std::string_view name, std::string_view value);
    HeadWriter& headers(const HeaderList& list);
    HeadWriter& content_length(std::uint64_t bytes);
    HeadWriter& chunked();                        // Transfer-Encoding: chunked
    HeadWriter& date(std::string_view imf_date);  // from format_http_date, which the caller caches by second
    HeadWriter& lines(std::string_view encoded);  // from finish_lines()
    [[nodiscard]] Result<void> finish();          // the empty line
    [[nodiscard]] Result<void> finish_lines();    // no empty line: pre-encoded fields for reuse

  private:
    void problem(std::string what);
    std::string& out_;
    std::size_t begin_;
    std::string problem_;
};

[[nodiscard]] Result<void> append_request_head(std::string& out, const RequestHead& head);
[[nodiscard]] Result<void> append_response_head(std::string& out, const ResponseHead& head);

// "1a\r\n" before `size` bytes of data and "\r\n" after them; size 0 would end the body and is ignored.
void append_chunk_header(std::string& out, std::size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
void append_chunk(std::string& out, std::string_view data);  // header, data, end; nothing for empty data

[[nodiscard]] std::string_view reason_phrase(int status);  // RFC 9110 section 15; "Unknown" for others
[[nodiscard]] std::string format_http_date(Wall when);     // IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT"

}  // namespace hearth::http
