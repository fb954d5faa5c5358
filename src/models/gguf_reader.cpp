#include "models/gguf_reader.h"

#include <fmt/format.h>

namespace hearth::models {
namespace {
constexpr std::size_t kWindowBytes = 64 * 1024;
}

GgufReader::GgufReader(ByteSource& source, std::uint64_t file_bytes, std::uint64_t limit, std::string where)
    : source_(source),
      file_bytes_(file_bytes),
      limit_(limit),
      where_(std::move(where)),
      window_(std::make_unique<std::uint8_t[]>(kWindowBytes)) {}

void GgufReader::fail(Code code, std::string_view what) {
    if (error_) return;
    Error error;
    error.code = code;
    error.message = fmt::format("{} {}", where_, what);
    error_ = std::move(error);
}

bool GgufReader::can_read(std::uint64_t bytes) {
    if (error_) return false;
    if (bytes > file_bytes_ - offset_) {
        fail(
            Code::corrupt,
            fmt::format("is truncated: {} bytes, but its header extends to byte {} at least. Fetch it again.",
                        file_bytes_, bytes > UINT64_MAX - offset_ ? UINT64_MAX : offset_ + bytes));
        error_->needed = static_cast<std::int64_t>(std::min<std::uint64_t>(offset_ + bytes, INT64_MAX));
        error_->limit = static_cast<std::int64_t>(file_bytes_);
        return false;
    }
    if (bytes > limit_ - std::min(limit_, offset_)) {
        fail(Code::corrupt, fmt::format("has more than {} bytes of metadata", limit_));
        return false;
    }
    return true;
}

void GgufReader::read(void* into, std::size_t bytes) {
    if (!can_read(bytes)) return;
    auto* out = static_cast<std::uint8_t*>(into);
    while (bytes > 0) {
        if (offset_ < window_at_ || offset_ >= window_at_ + window_size_) {
            auto got = source_.read_at(offset_, {window_.get(), kWindowBytes});
            if (!got) {
                error_ = std::move(*got.error());
                return;
            }
            if (*got == 0) {
                fail(Code::corrupt, fmt::format("ended at byte {} while it was read", offset_));
                return;
            }
            window_at_ = offset_;
            window_size_ = *got;
        }
        const auto at = static_cast<std::size_t>(offset_ - window_at_);
        const auto take = std::min(bytes, window_size_ - at);
        std::memcpy(out, window_.get() + at, take);
        out += take;
        offset_ += take;
        bytes -= take;
    }
}

void GgufReader::skip(std::uint64_t bytes) {
    if (can_read(bytes)) offset_ += bytes;
}

std::string GgufReader::string(std::uint64_t keep, std::uint64_t* length) {
    const auto bytes = get<std::uint64_t>();
    if (length) *length = bytes;
    std::string text;
    if (!can_read(bytes)) return text;
    if (bytes > keep) {
        skip(bytes);
        return text;
    }
    text.resize(bytes);
    read(text.data(), text.size());
    if (error_) text.clear();
    return text;
}

}  // namespace hearth::models
