// USES: engine
// Untrusted frames and messages: no crash, the same frames however the bytes are split, decode(encode(x)) = x.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"

using namespace hearth::engine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    std::string whole, cut;
    const auto drain = [](FrameReader& reader, std::string& out) {
        for (auto got = reader.next(); got && *got; got = reader.next()) out += **got + '\n';
    };
    FrameReader once(4096), pieces(4096);
    once.feed(input);
    drain(once, whole);
    for (const char byte : input) pieces.feed({&byte, 1}), drain(pieces, cut);
    if (whole != cut) std::abort();
    if (const auto message = decode_to_worker(input)) {
        if (encode(decode_to_worker(encode(*message)).value()) != encode(*message)) std::abort();
    }
    if (const auto message = decode_to_gateway(input)) {
        if (encode(decode_to_gateway(encode(*message)).value()) != encode(*message)) std::abort();
    }
    return 0;
}
