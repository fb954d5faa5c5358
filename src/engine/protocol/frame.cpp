#include "engine/protocol/frame.h"

#include <fmt/format.h>

namespace hearth::engine {

namespace {

std::uint32_t read_length(std::string_view head) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < kFrameHeadBytes; ++i)
        length |= static_cast<std::uint32_t>(static_cast<unsigned char>(head[i])) << (8 * i);
    return length;
}

Error out_of_range(Code code, std::size_t length, std::size_t limit) {
    Error error;
    error.code = code;
    error.message = fmt::format(
        "A frame between gateway and engine would be {} bytes long; 1 to {} are allowed.", length, limit);
    error.needed = static_cast<std::int64_t>(length);
    error.limit = static_cast<std::int64_t>(limit);
    return error;
}

}  // namespace

Result<std::string> encode_frame(std::string_view payload) {
    if (payload.empty()) return fail(out_of_range(Code::internal, 0, limits::kEngineFrameBytes));
    if (payload.size() > limits::kEngineFrameBytes)
        return fail(out_of_range(Code::too_large, payload.size(), limits::kEngineFrameBytes));
    std::string frame;
    frame.reserve(kFrameHeadBytes + payload.size());
    for (std::size_t i = 0; i < kFrameHeadBytes; ++i)
        frame.push_back(static_cast<char>((payload.size() >> (8 * i)) & 0xff));
    frame.append(payload);
    return frame;
}

void FrameReader::feed(std::string_view bytes) {
    if (broken_) return;
    if (taken_ > 0 && (taken_ == buffer_.size() || taken_ > buffer_.size() / 2)) {
        buffer_.erase(0, taken_);
        taken_ = 0;
    }
    buffer_.append(bytes);
}

Result<std::optional<std::string>> FrameReader::next() {
    if (broken_) return fail(*broken_);
    const std::string_view rest = std::string_view(buffer_).substr(taken_);
    if (rest.size() < kFrameHeadBytes) return std::nullopt;
    const std::size_t length = read_length(rest);
    if (length == 0 || length > limit_) {
        broken_ = out_of_range(Code::upstream_broken, length, limit_);
        buffer_.clear();
        buffer_.shrink_to_fit();
        taken_ = 0;
        return fail(*broken_);
    }
    if (rest.size() < kFrameHeadBytes + length) return std::nullopt;
    taken_ += kFrameHeadBytes + length;
    return std::string(rest.substr(kFrameHeadBytes, length));
}

}  // namespace hearth::engine
