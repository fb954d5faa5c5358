#pragma once
// The three framings of a message body (RFC 9112 section 6): a length, chunks, or everything until the
// connection closes. Shared by both decoders.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/head.h"

namespace hearth::http {

class BodyDecoder {
  public:
    void start_length(std::uint64_t length, std::size_t limit) { start(Kind::length, length, limit); }
    void start_chunked(std::size_t limit) { start(Kind::chunked, 0, limit); }
    void start_until_close(std::size_t limit) { start(Kind::until_close, 0, limit); }
    void set_limit(std::size_t limit) { limit_ = limit; }

    [[nodiscard]] bool chunked() const { return kind_ == Kind::chunked; }
    [[nodiscard]] bool until_close() const { return kind_ == Kind::until_close; }
    [[nodiscard]] std::optional<std::uint64_t> content_length() const {
        return kind_ == Kind::length ? std::optional(length_) : std::nullopt;
    }

    // need_more, body or end. Errors: Code::invalid_request (400) or too_large (413); the response decoder
    // renames them.
    [[nodiscard]] Result<Progress> feed(std::string_view input);

  private:
    enum class Kind : std::uint8_t { length, chunked, until_close };
    enum class Chunk : std::uint8_t { size_line, data, data_cr, data_lf, trailers, done };
    void start(Kind kind, std::uint64_t length, std::size_t limit);
    [[nodiscard]] Failed too_large() const;
    Result<Progress> feed_chunked(std::string_view input);
    Result<Progress> take(std::string_view piece, std::size_t skipped);
    Result<bool> take_line(std::string_view rest, std::size_t& used, std::string_view& line);
    Result<void> parse_size_line(std::string_view line);
    Result<void> parse_trailer(std::string_view line);

    Kind kind_ = Kind::length;
    Chunk chunk_ = Chunk::size_line;
    std::uint64_t length_ = 0;     // Content-Length
    std::uint64_t remaining_ = 0;  // of the length, or of the current chunk
    std::uint64_t received_ = 0;
    std::size_t limit_ = 0;
    std::size_t trailer_bytes_ = 0;
    std::size_t trailer_count_ = 0;
    std::string line_;  // an incomplete size line or trailer
};

}  // namespace hearth::http
