#pragma once
// Framing between the gateway and one worker, over a Unix stream socket (a socketpair that the worker
// inherits).
//
// A frame is a length (u32, little endian, counting the payload only) and that many bytes of UTF-8 JSON: one
// message of protocol/message.h. A length of zero or above limits::kEngineFrameBytes is an error that ends
// the connection: nothing after it can be trusted. Both sides write whole frames in order; there is no
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

// The payload with its length in front. The payload must be 1..limits::kEngineFrameBytes bytes long: a longer
// one is Code::too_large with both numbers, an empty one is Code::internal.
[[nodiscard]] Result<std::string> encode_frame(std::string_view payload);

// Cuts a byte stream into payloads, however it arrives. Sans-IO: feed() bytes, then next() until it has
// nothing. Memory is bounded by one frame plus what one feed() brought. After an error every call answers the
// same error.
class FrameReader {
  public:
    explicit FrameReader(std::size_t limit = limits::kEngineFrameBytes) : limit_(limit) {}

    void feed(std::string_view bytes);
    // A whole payload; nullopt when more bytes are needed; Code::upstream_broken for a length out of range.
    [[nodiscard]] Result<std::optional<std::string>> next();
    // True between frames: the peer may close here without having cut one.
    [[nodiscard]] bool at_border() const { return buffer_.size() == taken_; }

  private:
    std::size_t limit_;
    std::string buffer_;
    std::size_t taken_ = 0;  // bytes of buffer_ already handed out
    std::optional<Error> broken_;
};

}  // namespace hearth::engine
