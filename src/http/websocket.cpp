#include "http/websocket.h"

#include <fmt/format.h>

#include "base/sha1.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace hearth::http {

namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3
constexpr std::size_t kControlBytes = 125;                                  // section 5.5
constexpr std::uint16_t kNoCode = 1005;

// A token in a comma-separated field: "keep-alive, Upgrade".
bool lists(std::string_view field, std::string_view token) {
    while (!field.empty()) {
        const auto comma = field.find(',');
        auto one = field.substr(0, comma);
        while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
        if (iequals(one, token)) return true;
        if (comma == std::string_view::npos) break;
        field.remove_prefix(comma + 1);
    }
    return false;
}

bool is_control(Opcode opcode) {
    return static_cast<std::uint8_t>(opcode) >= 8;
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t out = 0;
    for (const char byte : bytes) out = out << 8 | static_cast<unsigned char>(byte);
    return out;
}

// Codes that are allowed in a close frame, section 7.4.
bool may_be_sent(std::uint16_t code) {
    if (code >= 3000 && code < 5000) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != kNoCode && code != 1006;
}

}  // namespace

bool wants_websocket(const RequestHead& head) {
    return lists(head.headers.get("connection"), "upgrade") &&
           lists(head.headers.get("upgrade"), "websocket");
}

Result<std::string> accept_websocket(const RequestHead& head) {
    if (head.method != "GET" || head.headers.get("sec-websocket-version") != "13")
        return fail(Code::invalid_request, "A WebSocket begins with GET and sec-websocket-version: 13.");
    const auto key = head.headers.get("sec-websocket-key");
    const auto bytes = text::base64_decode(key);
    if (!bytes || bytes->size() != 16)
        return fail(Code::invalid_request, "sec-websocket-key must be 16 bytes in base64.");
    const auto digest = sha1(std::string(key) + std::string(kGuid));
    return text::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    out.push_back(static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
    const auto size = payload.size();
    int bytes = 0;
    if (size < 126) {
        out.push_back(static_cast<char>(size));
    } else if (size <= 0xFFFF) {
        out.push_back(126);
        bytes = 2;
    } else {
        out.push_back(127);
        bytes = 8;
    }
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(size) >> shift));
    out += payload;
}

void append_close(std::string& out, std::uint16_t code, std::string_view reason) {
    std::string payload;
    payload.push_back(static_cast<char>(code >> 8));
    payload.push_back(static_cast<char>(code & 0xFF));
    payload += text::utf8_prefix(reason, kControlBytes - 2);
    append_frame(out, Opcode::close, payload);
}

Failed WebSocketDecoder::broken(std::uint16_t code, std::string_view why) {
    close_code_ = code;
    return fail(code == kCloseTooBig ? Code::too_large : Code::invalid_request, why);
}

Result<std::optional<WebSocketDecoder::Frame>> WebSocketDecoder::next_frame() {
    const std::string_view bytes = buffer_;
    if (bytes.size() < 2) return std::nullopt;
    const auto first = static_cast<unsigned char>(bytes[0]), second = static_cast<unsigned char>(bytes[1]);
    Frame frame;
    frame.last = (first & 0x80) != 0;
    frame.opcode = static_cast<Opcode>(first & 0x0F);
    const auto code = first & 0x0F;
    if ((first & 0x70) != 0 || (code > 2 && code < 8) || code > 10)
        return broken(kCloseProtocolError, "A frame has reserved bits or an opcode that was not negotiated.");
    if ((second & 0x80) == 0) return broken(kCloseProtocolError, "A client's frames must be masked.");
    std::uint64_t size = second & 0x7F;
    if (is_control(frame.opcode) && (size > kControlBytes || !frame.last))
        return broken(kCloseProtocolError,
                      "A control frame must not be fragmented and has at most 125 bytes.");
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (bytes.size() < 2 + more) return std::nullopt;
    if (more > 0) size = big_endian(bytes.substr(2, more));
    if (size > max_message_ || fragments_.size() + size > max_message_)
        return broken(kCloseTooBig, fmt::format("A message has more than {} bytes.", max_message_));
    const std::size_t at = 2 + more + 4;
    if (bytes.size() < at + size) return std::nullopt;
    frame.payload = bytes.substr(at, size);
    const auto mask = bytes.substr(at - 4, 4);
    for (std::size_t i = 0; i < frame.payload.size(); ++i)
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i & 3]);
    buffer_.erase(0, at + size);
    return frame;
}

Result<WebSocketDecoder::Message> WebSocketDecoder::control(Frame frame) {
    Message out{.opcode = frame.opcode, .payload = std::move(frame.payload)};
    if (out.opcode != Opcode::close) return out;
    out.code = kNoCode;
    if (out.payload.empty()) return out;
    if (out.payload.size() < 2) return broken(kCloseProtocolError, "A close frame's code has two bytes.");
    out.code = static_cast<std::uint16_t>(big_endian(std::string_view(out.payload).substr(0, 2)));
    out.payload.erase(0, 2);
    if (!may_be_sent(out.code))
        return broken(kCloseProtocolError, "A close frame has a code that may not be sent.");
    if (!text::is_utf8(out.payload)) return broken(kCloseNotUtf8, "A close frame's reason is not UTF-8.");
    return out;
}

Result<std::optional<WebSocketDecoder::Message>> WebSocketDecoder::next() {
    for (;;) {
        auto frame = next_frame();
        if (!frame) return fail(std::move(frame.error()));
        if (!*frame) return std::nullopt;
        if (is_control((*frame)->opcode)) {
            auto message = control(std::move(**frame));
            if (!message) return fail(std::move(message.error()));
            return std::move(*message);
        }
        const bool continues = (*frame)->opcode == Opcode::continuation;
        if (continues != open_.has_value())
            return broken(
                kCloseProtocolError,
                "A continuation frame has no message to continue, or a message begins inside another.");
        if (!open_) open_ = (*frame)->opcode;
        fragments_ += (*frame)->payload;
        if (!(*frame)->last) continue;
        Message message{.opcode = *std::exchange(open_, std::nullopt),
                        .payload = std::exchange(fragments_, {})};
        if (message.opcode == Opcode::text && !text::is_utf8(message.payload))
            return broken(kCloseNotUtf8, "A text message is not UTF-8.");
        return message;
    }
}

}  // namespace hearth::http
