#pragma once
// Framing between the gateway and one worker, over a Unix stream socket (a socketpair that the worker
// inherits).
//
// A frame is a length (u32, little endian, counting the payload only) and that many bytes of UTF-8 JSON: one
// message of protocol/message.h. A length of zero or above limits::kEngineFrameBytes is an error that ends
// the connection: later bytes cannot be interpreted. Both sides write whole frames in order; there is no
// acknowledgement.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"

namespace hearth::engine {

inline constexpr std::size_t kFrameHeadBytes = 4;

// The payload prefixed with its length. The payload must be 1..limits::kEngineFrameBytes bytes long: a longer
// one is Code::too_large with both numbers, an empty one is Code::internal.
[[nodiscard]] Result<std::string> encode_frame(std::string_view payload);

// Splits a byte stream that arrives in arbitrary pieces into payloads. Sans-IO: feed() bytes, then next() until it
// returns nullopt. Memory is bounded by one frame plus the bytes of one feed(). After an error every call returns
// the same error.
class FrameReader {
  public:
    explicit FrameReader(std::size_t limit = limits::kEngineFrameBytes) : limit_(limit) {}

    void feed(std::string_view bytes);
    // A whole payload; nullopt when more bytes are needed; Code::upstream_broken for a length out of range.
    [[nodiscard]] Result<std::optional<std::string>> next();
    // True between frames: the peer may close here.
    [[nodiscard]] bool at_border() const { return buffer_.size() == taken_; }

  private:
    std::size_t limit_;
    std::string buffer_;
    std::size_t taken_ = 0;  // bytes of buffer_ already returned
    std::optional<Error> broken_;
};

}  // namespace hearth::engine
