// USES: wire text base exchange
// A stream gives the same events and facts however it is split; the relay agrees on the facts and forwards whole streams
// byte for byte; decoded events can be encoded and decoded again.
#include "../tests/unit/wire/describe.h"
#include "split.h"
#include "wire/anthropic/codec.h"

using namespace hearth;

static std::string play(std::string_view bytes, std::size_t step) {
    const auto& upstream = wire::anthropic::upstream_codec();
    const exchange::Request request;
    const auto decoder = upstream.stream(request);
    const auto relay = upstream.relay({});
    std::vector<exchange::Event> events;
    std::string passed;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        for (const auto part : relay->feed(piece)) passed += part;
        decoder->feed(piece, events);
        return true;
    });
    passed += relay->finish();
    decoder->finish(events);
    if (!relay->facts().failure && passed != bytes) __builtin_trap();

    const wire::AnswerContext context{&request, "", "model", "prov", "ID", 7};
    const auto encoder = wire::anthropic::client_codec().stream(context);
    std::string written;
    for (const auto& event : events) encoder->write(event, written);
    const auto again = upstream.stream(request);
    std::vector<exchange::Event> back;
    again->feed(written, back);
    again->finish(back);
    if (again->facts().failure.has_value() != decoder->facts().failure.has_value()) __builtin_trap();
    return wire_test::describe(events) + wire_test::describe(decoder->facts()) + written;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(data, size, play);
    return 0;
}
