// USES: wire text base exchange
// A stream gives the same bytes, facts and events however it is split; the relay and the decoder agree on the facts; decoded
// events are encoded as a complete stream.
#include "../tests/unit/wire/describe.h"
#include "split.h"
#include "wire/codecs.h"
#include "wire/responses/items.h"

using namespace hearth;

static const exchange::Request& request() {
    static const exchange::Request made = [] {
        exchange::Request out;
        out.dialect = exchange::Dialect::responses;
        exchange::Chat chat;
        chat.tools = {exchange::Tool{.name = "s__f", .space = "s", .own_name = "f"}};
        out.body = std::move(chat);
        return out;
    }();
    return made;
}

static std::string play(std::string_view bytes, std::size_t step) {
    const auto& upstream = *wire::upstream_codec(exchange::Dialect::responses);
    const auto relay = upstream.relay({});
    const auto decoder = upstream.stream(request());
    wire::responses::ItemCollector collector;
    std::vector<exchange::Event> events;
    std::string out;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        for (const auto part : relay->feed(piece)) out += part;
        decoder->feed(piece, events);
        collector.feed(piece);
        return true;
    });
    out += relay->finish();
    decoder->finish(events);
    wire::AnswerContext context;
    context.request = &request();
    context.id = "ID";
    const auto encoder = wire::client_codec(exchange::Dialect::responses)->stream(context);
    std::string written;
    for (const auto& event : events) encoder->write(event, written);
    const bool failed = std::holds_alternative<Error>(events.back());
    const auto reader = upstream.stream(request());
    std::vector<exchange::Event> back;
    reader->feed(written, back);
    reader->finish(back);
    if (std::holds_alternative<Error>(back.back()) != failed) __builtin_trap();
    for (const auto& item : collector.items()) out += item;
    return out + wire_test::describe(decoder->facts()) + wire_test::describe(events);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_when_split(data, size, play);
    return 0;
}
