#pragma once
// Newline-delimited JSON (Ollama's streams, engine frames): splits bytes that arrive in arbitrary pieces into lines.
// The lines are not parsed.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"

namespace hearth::text {

// Used like SseDecoder: feed(), then next() until false. Lines come without their LF or CRLF; blank lines are
// dropped. A line contained in one piece is not copied. Views are valid until the next call. A line over
// max_line_bytes is Code::upstream_broken, as is every later call.
class LineDecoder {
  public:
    explicit LineDecoder(std::size_t max_line_bytes = limits::kSseEventBytes) : max_(max_line_bytes) {}

    void feed(std::string_view bytes);
    [[nodiscard]] Result<bool> next(std::string_view& line);
    // At the end of the stream: a last line without LF, or empty.
    [[nodiscard]] std::string_view unfinished() const;
    void reset();

  private:
    std::size_t max_;
    std::string_view input_;
    std::string pending_;
    bool pending_done_ = false;
    bool failed_ = false;
};

}  // namespace hearth::text
