#include "answer.h"

#include <strings.h>

#include <cstdlib>

namespace bench {

namespace {

constexpr std::size_t kContent = 700;  // characters of the origin's whole answer

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// The value of a header of `head`, whatever the case of its name; empty when it is not there.
std::string_view header(std::string_view head, std::string_view name) {
    for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        const auto line = head.substr(at + 2);
        if (line.size() <= name.size() || line[name.size()] != ':' ||
            !equal(line.substr(0, name.size()), name))
            continue;
        auto value = line.substr(name.size() + 1, line.find("\r\n") - name.size() - 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        return value;
    }
    return {};
}

std::size_t count(std::string_view text, std::string_view piece) {
    std::size_t found = 0;
    for (auto at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + piece.size()))
        ++found;
    return found;
}

bool has(std::string_view text, std::string_view piece) {
    return text.find(piece) != std::string_view::npos;
}

}  // namespace

void Answer::read_head(std::string_view head) {
    status_ = head.size() > 12 ? std::atoi(head.data() + 9) : 0;
    closes_ = equal(header(head, "connection"), "close");
    chunked_ = equal(header(head, "transfer-encoding"), "chunked");
    if (const auto length = header(head, "content-length"); !length.empty())
        length_ = std::strtoul(length.data(), nullptr, 10);
}

void Answer::add(std::string_view bytes) {
    if (head_read_ && !chunked_) {
        body_ += bytes;
    } else {
        raw_ += bytes;
    }
    if (!head_read_) {
        const auto end = raw_.find("\r\n\r\n");
        if (end == std::string::npos) return;
        head_read_ = true;
        read_head(std::string_view(raw_).substr(0, end + 2));
        raw_.erase(0, end + 4);
        if (!chunked_) body_ = std::move(raw_);
    }
    if (chunked_) {
        read_chunks();
    } else {
        complete_ = body_.size() >= length_;
    }
}

void Answer::read_chunks() {
    while (!complete_) {
        const auto line = raw_.find("\r\n", scanned_);
        if (line == std::string::npos) return;
        const auto size = std::strtoul(raw_.c_str() + scanned_, nullptr, 16);
        if (raw_.size() < line + 2 + size + 2) return;
        body_.append(raw_, line + 2, size);
        scanned_ = line + 2 + size + 2;
        complete_ = size == 0;
    }
}

bool Answer::is_right_whole() const {
    static const std::string content = '"' + std::string(kContent, 'x') + '"';
    return status_ == 200 && has(body_, content) && (has(body_, "\"stop\"") || has(body_, "\"end_turn\""));
}

bool Answer::is_right_stream(int events) const {
    return status_ == 200 && count(body_, kPiece) == static_cast<std::size_t>(events) &&
           (has(body_, "data: [DONE]") || has(body_, "\"message_stop\""));
}

}  // namespace bench
