#pragma once
// WebSocket (RFC 6455), server side: handshake response, decoding and encoding of frames. No I/O, no extensions (none
// is negotiated, so the reserved bits must be zero).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/head.h"

namespace hearth::http {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Close codes, section 7.4.1.
inline constexpr std::uint16_t kCloseNormal = 1000, kCloseGoingAway = 1001, kCloseProtocolError = 1002,
                               kCloseUnsupported = 1003, kCloseNotUtf8 = 1007, kCloseTooBig = 1009;

// Whether the client requests a WebSocket.
[[nodiscard]] bool wants_websocket(const RequestHead& head);
// The value of sec-websocket-accept. Errors: invalid_request, when the handshake is not RFC 6455's (method, version, key).
[[nodiscard]] Result<std::string> accept_websocket(const RequestHead& head);

// An unmasked frame, as servers send them.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
void append_close(std::string& out, std::uint16_t code,
                  std::string_view reason);  // reason: at most 123 bytes

// Decodes messages from a client's bytes in arbitrary pieces. Frames must be masked; fragments are joined; control frames may
// come between them.
class WebSocketDecoder {
  public:
    struct Message {
        Opcode opcode = Opcode::text;  // text, binary, close, ping or pong
        std::string payload;
        std::uint16_t code = 0;  // close: its code, 1005 when it has none
    };
    explicit WebSocketDecoder(std::size_t max_message) : max_message_(max_message) {}

    void feed(std::string_view bytes) { buffer_ += bytes; }
    // The next whole message; nullopt: more bytes are needed. Errors are final: invalid_request (protocol), too_large;
    // close_code() is the code to send to the client.
    [[nodiscard]] Result<std::optional<Message>> next();
    [[nodiscard]] std::uint16_t close_code() const { return close_code_; }

  private:
    struct Frame {
        bool last = false;
        Opcode opcode = Opcode::text;
        std::string payload;
    };
    [[nodiscard]] Result<std::optional<Frame>> next_frame();
    [[nodiscard]] Result<Message> control(Frame frame);
    [[nodiscard]] Failed broken(std::uint16_t code, std::string_view why);

    std::size_t max_message_;
    std::string buffer_;
    std::string fragments_;
    std::optional<Opcode> open_;  // type of the incomplete message
    std::uint16_t close_code_ = kCloseProtocolError;
};

}  // namespace hearth::http
