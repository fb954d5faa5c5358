#include "text/sse.h"

#include <fmt/format.h>

#include "text/scan.h"

namespace hearth::text {

void SseDecoder::feed(std::string_view bytes) {
    input_ = bytes;
}

std::string_view SseDecoder::unfinished() const {
    if (pending_done_ || failed_) return {};
    const std::size_t start =
        std::string_view(pending_).find_first_not_of("\r\n");  // an LF after the last CR
    return start == std::string::npos ? std::string_view{} : std::string_view(pending_).substr(start);
}

void SseDecoder::reset() {
    constexpr std::size_t kKeep = 64 * 1024;
    input_ = {};
    if (pending_.capacity() > kKeep) pending_ = {};
    if (data_.capacity() > kKeep) data_ = {};
    pending_.clear();
    data_.clear();
    pending_done_ = false;
    at_line_start_ = true;
    after_cr_ = false;
    at_stream_start_ = true;
    failed_ = false;
}

// Looks for the blank line in input_, continuing where the last piece ended. `end` is the offset behind it.
bool SseDecoder::find_block_end(std::size_t& end) {
    const char *const begin = input_.data(), *const stop = begin + input_.size();
    for (const char* p = begin; p < stop;) {
        if (after_cr_) {  // the LF of a CRLF belongs to the line end that was counted already
            after_cr_ = false;
            if (*p == '\n') {
                ++p;
                continue;
            }
        }
        const char* eol = scan::line_end(p, stop);
        if (eol > p) at_line_start_ = false;
        if (eol == stop) break;
        const bool blank = at_line_start_;
        at_line_start_ = true;
        p = eol + 1;
        after_cr_ = *eol == '\r';
        if (!blank) continue;
        if (after_cr_ && p < stop) {
            after_cr_ = false;
            if (*p == '\n') ++p;
        }
        end = static_cast<std::size_t>(p - begin);
        return true;
    }
    return false;
}

bool SseDecoder::parse_block(std::string_view block, SseEvent& out) {
    out = SseEvent{.raw = block};
    if (at_stream_start_) {
        at_stream_start_ = false;
        if (block.starts_with("\xef\xbb\xbf")) block.remove_prefix(3);
    }
    int data_lines = 0;
    const char *p = block.data(), *const stop = p + block.size();
    while (p < stop) {
        const char* eol = scan::line_end(p, stop);
        std::string_view value(p, static_cast<std::size_t>(eol - p));
        p = eol + 1;  // every line of a block is complete; an LF after CR reads as one more blank line
        if (value.empty()) continue;
        if (value.front() == ':') {
            out.has_comments = true;
            continue;
        }
        const std::size_t colon = value.find(':');
        const std::string_view field = value.substr(0, colon);
        value.remove_prefix(colon == std::string_view::npos ? value.size() : colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (field == "data") {
            if (data_lines == 1) data_.assign(out.data);
            if (data_lines >= 1) data_.append(1, '\n').append(value);
            out.data = ++data_lines == 1 ? value : std::string_view(data_);
        } else if (field == "event") {
            out.event = value;
        } else if (field == "id" && value.find('\0') == std::string_view::npos) {
            out.id = value;
        }
    }
    return data_lines > 0;
}

Result<bool> SseDecoder::next(SseEvent& out) {
    const auto too_large = [&] {
        failed_ = true;
        auto error = fail(Code::upstream_broken,
                          fmt::format("An event of the stream is larger than the limit of {} bytes.", max_));
        error.error()->limit = static_cast<std::int64_t>(max_);
        return error;
    };
    if (failed_) return too_large();
    if (pending_done_) {
        pending_.clear();
        pending_done_ = false;
    }
    while (!input_.empty()) {
        std::size_t end = 0;
        const bool found = find_block_end(end);
        const std::size_t piece = found ? end : input_.size();
        if (pending_.size() + piece > max_) return too_large();
        std::string_view block = input_.substr(0, piece);
        if (!found || !pending_.empty()) block = pending_.append(block);
        input_.remove_prefix(piece);
        if (!found) break;
        const bool dispatched = parse_block(block, out);
        if (dispatched) {
            pending_done_ = true;
            return true;
        }
        pending_.clear();
    }
    return false;
}

void append_sse(std::string& out, std::string_view event, std::string_view data) {
    if (!event.empty()) {
        out += "event: ";
        for (const char c : event) {
            if (c != '\n' && c != '\r') out.push_back(c);
        }
        out.push_back('\n');
    }
    const char *p = data.data(), *const stop = p + data.size();
    for (;;) {
        const char* eol = scan::line_end(p, stop);
        out += "data: ";
        out.append(p, eol);
        out.push_back('\n');
        if (eol == stop) break;
        p = eol + 1;
        if (*eol == '\r' && p < stop && *p == '\n') ++p;
    }
    out.push_back('\n');
}

}  // namespace hearth::text
