// USES: wire text base exchange
// A Gemini stream gives the same events however it is split; the client's stream encoded from them is valid.
#include "../tests/unit/wire/describe.h"
#include "split.h"
#include "wire/gemini/stream_decoder.h"
#include "wire/gemini/stream_encoder.h"

using namespace hearth;
using namespace hearth::wire::gemini;

static std::string play(std::string_view bytes, std::size_t step) {
    StreamDecoder decoder;
    std::vector<exchange::Event> events;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        decoder.feed(piece, events);
        return true;
    });
    decoder.finish(events);
    const exchange::Request request;
    const wire::AnswerContext context{.request = &request, .model = "m", .origin = "o", .id = "i"};
    std::string sse, array;
    StreamEncoder events_out(context, false), array_out(context, true);
    for (const auto& event : events) {
        events_out.write(event, sse);
        array_out.write(event, array);
    }
    json::Document document;
    if (!document.parse(array) || !document.root().is_array()) __builtin_trap();
    std::size_t read = 0;
    text::SseDecoder lines(std::size_t{1} << 30);
    lines.feed(sse);
    for (text::SseEvent event; lines.next(event).value_or(false); ++read) {
        json::Document one;
        if (event.has_comments || !event.event.empty() || !one.parse(event.data)) __builtin_trap();
    }
    if (read != document.root().size()) __builtin_trap();
    return wire_test::describe(events) + wire_test::describe(decoder.facts());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(data, size, play);
    return 0;
}
