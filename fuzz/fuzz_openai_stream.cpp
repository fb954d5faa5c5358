// USES: wire text base exchange
// A stream gives the same bytes, facts and events however it is split; the relay and the decoder agree on the facts.
#include "../tests/unit/wire/describe.h"
#include "split.h"
#include "wire/openai/relay.h"
#include "wire/openai/stream_decoder.h"

using namespace hearth;
using namespace hearth::wire::openai;

static std::string play(std::string_view bytes, std::size_t step) {
    StreamRelay relay({.hide_usage = true});
    StreamDecoder decoder;
    std::vector<hearth::exchange::Event> events;
    std::string out;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        for (const auto part : relay.feed(piece)) out += part;
        decoder.feed(piece, events);
        return true;
    });
    out += relay.finish();
    decoder.finish(events);
    const auto facts = wire_test::describe(relay.facts());
    if (facts != wire_test::describe(decoder.facts())) __builtin_trap();
    return out + facts + wire_test::describe(events);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(data, size, play);
    return 0;
}
