#include "http/body_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "http/head_scanner.h"

namespace hearth::http {
namespace {

// Fields that must not appear in a trailer (RFC 9110 section 6.5.1): framing, routing and connection control. Other
// trailer fields are discarded.
bool is_forbidden_trailer(std::string_view name) {
    static constexpr std::string_view kNames[] = {
        "content-length", "transfer-encoding", "host", "connection", "trailer", "upgrade", "expect", "te"};
    return std::ranges::any_of(kNames, [&](std::string_view known) { return iequals(name, known); });
}

}  // namespace

void BodyDecoder::start(Kind kind, std::uint64_t length, std::size_t limit) {
    kind_ = kind;
    chunk_ = Chunk::size_line;
    length_ = remaining_ = length;
    received_ = 0;
    limit_ = limit;
    trailer_bytes_ = trailer_count_ = 0;
    line_.clear();
}

Failed BodyDecoder::too_large() const {
    auto refused = reject(413, fmt::format("The body is larger than the limit of {} bytes.", limit_));
    refused.error()->limit = static_cast<std::int64_t>(std::min<std::uint64_t>(limit_, INT64_MAX));
    return refused;
}

Result<Progress> BodyDecoder::feed(std::string_view input) {
    if (kind_ == Kind::chunked) return feed_chunked(input);
    if (kind_ == Kind::length) {
        if (length_ > limit_) return too_large();
        if (remaining_ == 0) return Progress{Event::end, 0, {}};
    }
    if (input.empty()) return Progress{};
    const std::uint64_t most = kind_ == Kind::length ? remaining_ : input.size();
    return take(input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(most, input.size()))), 0);
}

// The next piece of data, `skipped` bytes into the input. Data within the limit is returned before the rejection.
Result<Progress> BodyDecoder::take(std::string_view piece, std::size_t skipped) {
    if (received_ >= limit_) return too_large();
    piece =
        piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), limit_ - received_)));
    received_ += piece.size();
    if (kind_ != Kind::until_close) remaining_ -= piece.size();
    return Progress{Event::body, skipped + piece.size(), piece};
}

Result<Progress> BodyDecoder::feed_chunked(std::string_view input) {
    std::size_t used = 0;
    while (chunk_ != Chunk::done && used < input.size()) {
        const std::string_view rest = input.substr(used);
        switch (chunk_) {
            case Chunk::data: {
                auto taken =
                    take(rest.substr(
                             0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, rest.size()))),
                         used);
                if (taken && remaining_ == 0) chunk_ = Chunk::data_cr;
                return taken;
            }
            case Chunk::data_cr:
            case Chunk::data_lf:
                if (rest.front() != (chunk_ == Chunk::data_cr ? '\r' : '\n')) {
                    return reject(400, "A chunk is longer than its size.");
                }
                chunk_ = chunk_ == Chunk::data_cr ? Chunk::data_lf : Chunk::size_line;
                ++used;
                break;
            case Chunk::size_line:
            case Chunk::trailers: {
                std::string_view line;
                const auto complete = take_line(rest, used, line);
                if (!complete) return fail(complete.error());
                if (!*complete) break;
                const auto parsed = chunk_ == Chunk::size_line ? parse_size_line(line) : parse_trailer(line);
                line_.clear();
                if (!parsed) return fail(parsed.error());
                break;
            }
            case Chunk::done:
                break;
        }
    }
    return Progress{chunk_ == Chunk::done ? Event::end : Event::need_more, used, {}};
}

// A line up to CR LF, from `rest` or from the buffered part plus `rest`; counts the bytes used.
Result<bool> BodyDecoder::take_line(std::string_view rest, std::size_t& used, std::string_view& line) {
    const bool size_line = chunk_ == Chunk::size_line;
    const std::size_t most = size_line ? limits::kChunkLineBytes : limits::kTrailerBytes - trailer_bytes_;
    const std::size_t lf = rest.substr(0, most + 1).find('\n');
    const bool complete = lf != std::string_view::npos;
    const std::string_view piece = rest.substr(0, complete ? lf + 1 : rest.size());
    if (line_.size() + piece.size() > most) {
        return size_line ? reject(400, fmt::format("A chunk's size line is longer than {} bytes.",
                                                   limits::kChunkLineBytes))
                         : reject(431, fmt::format("The trailers are longer than {} bytes.",
                                                   limits::kTrailerBytes));
    }
    used += piece.size();
    line = piece;
    if (!complete || !line_.empty()) line = line_.append(piece);
    if (!complete) return false;
    if (!line.ends_with("\r\n")) return reject(400, "A line of the chunked body ends in LF without CR.");
    if (!size_line) trailer_bytes_ += line.size();
    line.remove_suffix(2);
    return true;
}

// chunk-size [ chunk-ext ], RFC 9112 section 7.1. Extensions are limited by the line length and discarded.
Result<void> BodyDecoder::parse_size_line(std::string_view line) {
    std::uint64_t size = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    const auto digits = static_cast<std::size_t>(stop - line.data());
    if (error != std::errc{} || digits == 0 || digits > 16 || line.front() == '-' || size >> 63 != 0) {
        return reject(400, "A chunk's size is not a plain hexadecimal number.");
    }
    std::string_view extension = line.substr(digits);
    while (extension.starts_with(' ') || extension.starts_with('\t')) extension.remove_prefix(1);
    const bool odd =
        extension.empty() ? digits != line.size() : !extension.starts_with(';') || !is_field_value(extension);
    if (odd) return reject(400, "A chunk's size is followed by unexpected characters.");
    remaining_ = size;
    chunk_ = size == 0 ? Chunk::trailers : Chunk::data;
    return {};
}

Result<void> BodyDecoder::parse_trailer(std::string_view line) {
    if (line.empty()) {
        chunk_ = Chunk::done;
        return {};
    }
    const auto field = parse_field(line);
    if (!field) return fail(field.error());
    if (++trailer_count_ > limits::kHeaderCount) {
        return reject(431, fmt::format("There are more than {} trailers.", limits::kHeaderCount));
    }
    if (is_forbidden_trailer(field->name)) {
        return reject(400, fmt::format("The field '{}' is not allowed in a trailer.", field->name));
    }
    return {};
}

}  // namespace hearth::http
