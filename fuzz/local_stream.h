#pragma once
// For the streams of local servers' own dialects (Ollama, llama.cpp): the same bytes, facts and events however a stream is
// split; it ends with Done or Error; decoded events can be encoded for a client.
#include "../tests/unit/wire/describe.h"
#include "split.h"
#include "wire/codecs.h"

namespace hearth::fuzz {

inline std::string play_local(exchange::Dialect dialect, std::string_view bytes, std::size_t step) {
    exchange::Request request;
    request.dialect = dialect;
    request.kind = exchange::Kind::completion;
    request.body = exchange::Completion{{"p"}, "s"};
    wire::AnswerContext context;
    context.request = &request;
    const auto relay = wire::upstream_codec(dialect)->relay({});
    const auto client = wire::client_codec(dialect)->stream(context);
    const auto decoder = wire::upstream_codec(dialect)->stream(request);
    std::vector<exchange::Event> events;
    std::string out;
    in_pieces(bytes, step, [&](std::string_view piece) {
        if (!relay->over()) {
            for (const auto part : relay->feed(piece)) out += part;
        }
        decoder->feed(piece, events);
        return true;
    });
    out += relay->finish();
    decoder->finish(events);
    if (events.empty()) __builtin_trap();
    const bool whole = std::holds_alternative<exchange::Done>(events.back());
    if (!whole && !std::holds_alternative<Error>(events.back())) __builtin_trap();
    if (whole == decoder->facts().failure.has_value()) __builtin_trap();
    for (const auto& event : events) client->write(event, out);
    return out + wire_test::describe(decoder->facts()) + wire_test::describe(events);
}

}  // namespace hearth::fuzz
