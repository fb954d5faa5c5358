// USES: http text base
// A client's frames give the same messages and the same end however they are split.
#include "http/websocket.h"
#include "split.h"

using namespace hearth;

static std::string play(std::string_view bytes, std::size_t step) {
    http::WebSocketDecoder decoder(4096);
    std::string out;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        decoder.feed(piece);
        for (;;) {
            auto message = decoder.next();
            if (!message) {
                out += "error " + std::to_string(decoder.close_code());
                return false;
            }
            if (!*message) return true;
            out += std::to_string(static_cast<int>((*message)->opcode)) + ":" + (*message)->payload + "|";
        }
    });
    return out;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(data, size, play);
    return 0;
}
