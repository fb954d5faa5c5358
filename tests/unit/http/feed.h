#pragma once
// Feeds a decoder with bytes in given pieces and records its events.
#include <string>
#include <string_view>
#include <vector>

#include "http/request_decoder.h"
#include "http/response_decoder.h"

namespace hearth::test {

struct Message {
    std::string head;  // first line and fields, one per line
    std::string body;
    bool keep_alive = false, expects_continue = false;
    bool operator==(const Message&) const = default;
};
struct Transcript {
    std::vector<Message> messages;
    std::optional<Error> error;
    std::size_t unread = 0;  // bytes after the last message that were not consumed
    bool idle = false;       // between messages at the end of the bytes
};

inline std::string describe(const http::RequestHead& head) {
    std::string out =
        head.method + ' ' + head.target + " @" + head.host + " 1." + std::to_string(head.version_minor);
    for (const auto h : head.headers) out.append("\n").append(h.name).append("=").append(h.value);
    return out;
}
inline std::string describe(const http::ResponseHead& head) {
    std::string out =
        std::to_string(head.status) + ' ' + head.reason + " 1." + std::to_string(head.version_minor);
    for (const auto h : head.headers) out.append("\n").append(h.name).append("=").append(h.value);
    return out;
}

// Every piece is copied to memory of its own size, so that a sanitizer detects a dangling or overlong view.
template <class Decoder, class OnEnd>
void feed_piece(Decoder& decoder, std::string_view piece, Transcript& out, OnEnd on_end) {
    const std::vector<char> copy(piece.begin(), piece.end());
    std::string_view rest(copy.data(), copy.size());
    for (;;) {
        const auto step = decoder.feed(rest);
        if (!step) {
            out.error = step.error();
            return;
        }
        rest.remove_prefix(step->consumed);
        if (step->event == http::Event::head)
            out.messages.push_back({describe(decoder.head()), {}, decoder.keep_alive()});
        if (step->event == http::Event::body) out.messages.back().body += step->body;
        if (step->event == http::Event::need_more) return;
        if (step->event == http::Event::end && !on_end(decoder, rest)) return;
    }
}

inline Transcript requests(const std::vector<std::string_view>& pieces, const http::Limits& limits = {}) {
    http::RequestDecoder decoder(limits);
    Transcript out;
    for (const auto piece : pieces) {
        feed_piece(decoder, piece, out, [&](auto& d, std::string_view) {
            out.messages.back().expects_continue = d.expects_continue();
            d.next();
            return true;
        });
        if (out.error) break;
    }
    out.idle = decoder.idle();
    return out;
}

// One response, then optionally the end of the connection.
inline Transcript response(const std::vector<std::string_view>& pieces, bool close, bool head_request = false,
                           const http::Limits& limits = {}) {
    http::ResponseDecoder decoder(limits);
    decoder.start(head_request);
    Transcript out;
    for (const auto piece : pieces) {
        out.unread += decoder.ended() ? piece.size() : 0;
        if (decoder.ended()) continue;
        feed_piece(decoder, piece, out, [&](auto&, std::string_view rest) {
            out.unread += rest.size();
            return false;
        });
        if (out.error) return out;
    }
    if (close) {
        if (const auto end = decoder.eof(); !end) out.error = end.error();
    }
    out.idle = decoder.ended();
    return out;
}

}  // namespace hearth::test
