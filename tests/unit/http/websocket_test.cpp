// The examples of RFC 6455 (sections 1.3 and 5.7), frames split anywhere, and invalid frames.
#include "http/websocket.h"

#include <doctest/doctest.h>

#include "base/sha1.h"
#include "base/sha256.h"

namespace websocket_test {

using namespace hearth;
using namespace hearth::http;
using namespace std::string_literals;

namespace {

RequestHead handshake() {
    RequestHead head;
    head.method = "GET";
    head.headers.append("connection", "keep-alive, Upgrade");
    head.headers.append("upgrade", "websocket");
    head.headers.append("sec-websocket-version", "13");
    head.headers.append("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    return head;
}

// As a client sends it: masked.
std::string masked(std::uint8_t first, std::string_view payload) {
    std::string out(1, static_cast<char>(first));
    const std::string mask = "\x37\xfa\x21\x3d";
    if (payload.size() < 126) {
        out.push_back(static_cast<char>(0x80 | payload.size()));
    } else {
        out.push_back(static_cast<char>(0x80 | 126));
        out.push_back(static_cast<char>(payload.size() >> 8));
        out.push_back(static_cast<char>(payload.size() & 0xFF));
    }
    out += mask;
    for (std::size_t i = 0; i < payload.size(); ++i)
        out.push_back(static_cast<char>(payload[i] ^ mask[i & 3]));
    return out;
}

struct Decoded {
    std::string messages;  // "text:Hello|ping:x|"
    std::uint16_t error = 0;
};
Decoded decode(const std::string& bytes, std::size_t step, std::size_t limit = 1000) {
    WebSocketDecoder decoder(limit);
    Decoded out;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        decoder.feed(std::string_view(bytes).substr(at, step));
        for (;;) {
            auto message = decoder.next();
            if (!message) {
                out.error = decoder.close_code();
                return out;
            }
            if (!*message) break;
            static constexpr std::string_view kNames[] = {"", "text", "binary", "",     "",    "",
                                                          "", "",     "close",  "ping", "pong"};
            out.messages += kNames[static_cast<std::size_t>((*message)->opcode)];
            if ((*message)->code) out.messages += std::to_string((*message)->code);
            out.messages += ":" + (*message)->payload + "|";
        }
    }
    return out;
}
std::uint16_t error_of(const std::string& bytes, std::size_t limit = 1000) {
    return decode(bytes, bytes.size(), limit).error;
}

}  // namespace

TEST_CASE("SHA-1: examples of FIPS 180-4") {
    CHECK(to_hex(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(to_hex(sha1("")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK(to_hex(sha1(std::string(1'000'000, 'a'))) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("websocket: the handshake of RFC 6455 section 1.3") {
    CHECK(wants_websocket(handshake()));
    CHECK(*accept_websocket(handshake()) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    auto old = handshake();
    old.headers.set("sec-websocket-version", "8");
    CHECK_FALSE(accept_websocket(old));
    auto short_key = handshake();
    short_key.headers.set("sec-websocket-key", "AAAA");
    CHECK_FALSE(accept_websocket(short_key));
    auto plain = handshake();
    plain.headers.set("upgrade", "h2c");
    CHECK_FALSE(wants_websocket(plain));
}

TEST_CASE("websocket: whole and fragmented messages with interleaved pings, split anywhere") {
    const std::string bytes = masked(0x81, "Hello") + masked(0x01, "Hel") + masked(0x89, "p") +
                              masked(0x80, "lo") + masked(0x82, std::string(300, 'x')) +
                              masked(0x88, "\x03\xe8"s + "bye");
    const auto whole = decode(bytes, bytes.size());
    CHECK(whole.messages ==
          "text:Hello|ping:p|text:Hello|binary:" + std::string(300, 'x') + "|close1000:bye|");
    for (std::size_t step = 1; step < 20; ++step) CHECK(decode(bytes, step).messages == whole.messages);
}

TEST_CASE("websocket: invalid frames get the right close code") {
    CHECK(error_of("\x81\x05Hello") == kCloseProtocolError);    // not masked
    CHECK(error_of(masked(0xC1, "x")) == kCloseProtocolError);  // a reserved bit
    CHECK(error_of(masked(0x83, "x")) == kCloseProtocolError);  // an unknown opcode
    CHECK(error_of(masked(0x80, "x")) == kCloseProtocolError);  // a continuation without a message
    CHECK(error_of(masked(0x01, "a") + masked(0x81, "b")) == kCloseProtocolError);
    CHECK(error_of(masked(0x89, std::string(126, 'x'))) == kCloseProtocolError);
    CHECK(error_of(masked(0x09, "x")) == kCloseProtocolError);  // a fragmented control frame
    CHECK(error_of(masked(0x81, "\xff")) == kCloseNotUtf8);
    CHECK(error_of(masked(0x88, "\x03\xed"s)) == kCloseProtocolError);  // code 1005 is never sent
    CHECK(error_of(masked(0x81, std::string(200, 'x')), 100) == kCloseTooBig);
    CHECK(error_of(masked(0x01, std::string(60, 'x')) + masked(0x80, std::string(60, 'x')), 100) ==
          kCloseTooBig);
}

TEST_CASE("websocket: frames are written with lengths of one, three and nine bytes") {
    std::string out;
    append_frame(out, Opcode::text, "Hello");
    CHECK(out == "\x81\x05Hello");
    out.clear();
    append_frame(out, Opcode::binary, std::string(256, 'x'));
    CHECK(out.substr(0, 4) == "\x82\x7E\x01\x00"s);
    out.clear();
    append_frame(out, Opcode::binary, std::string(65536, 'x'));
    CHECK(out.substr(0, 10) == "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
    out.clear();
    append_close(out, kCloseTooBig, "too big");
    CHECK(out == "\x88\x09\x03\xf1too big");
}

}  // namespace websocket_test
