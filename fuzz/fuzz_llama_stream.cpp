// USES: wire text base exchange
// A stream gives the same bytes, facts and events however it is cut; what was read can be written for a client.
#include "../tests/unit/wire/describe.h"
#include "cut.h"
#include "wire/codecs.h"
#include "wire/llama/answer.h"

using namespace hearth;

static std::string play(std::string_view bytes, std::size_t step) {
    exchange::Request request;
    request.dialect = exchange::Dialect::llama;
    request.kind = exchange::Kind::completion;
    request.body = exchange::Completion{{"p"}, "s"};
    wire::AnswerContext context;
    context.request = &request;
    const auto relay = wire::upstream_codec(exchange::Dialect::llama)->relay({});
    const auto client = wire::client_codec(exchange::Dialect::llama)->stream(context);
    wire::llama::StreamDecoder decoder(1);
    std::vector<exchange::Event> events;
    std::string out;
    fuzz::in_pieces(bytes, step, [&](std::string_view piece) {
        if (!relay->over()) {
            for (const auto part : relay->feed(piece)) out += part;
        }
        decoder.feed(piece, events);
        return true;
    });
    out += relay->finish();
    decoder.finish(events);
    if (events.empty()) __builtin_trap();
    const bool whole = std::holds_alternative<exchange::Done>(events.back());
    if (!whole && !std::holds_alternative<Error>(events.back())) __builtin_trap();
    if (whole == decoder.facts().failure.has_value()) __builtin_trap();
    for (const auto& event : events) client->write(event, out);
    return out + wire_test::describe(decoder.facts()) + wire_test::describe(events);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::same_however_cut(data, size, play);
    return 0;
}
