#pragma once
// Inside this room: an answer that comes as exchange events, from our engine or from an upstream of another dialect, is
// written in the client's dialect. Nothing is sent before the first content, so that failover stays open; the settlement
// precedes the client's last byte.
#include <vector>

#include "pipeline/journey.h"

namespace hearth::pipeline {

class EventSource {
  public:
    virtual ~EventSource() = default;
    // Waits for at least one event; empty after Done or Error has been given.
    [[nodiscard]] virtual Task<std::vector<exchange::Event>> next() = 0;
    virtual void first_content() {}  // the first token has come
};

// Who is to blame when it fails before content: `blame`.
[[nodiscard]] Task<Ended> write_stream(Journey& journey, const route::Step& step, EventSource& source,
                                       provider::Blame blame);
[[nodiscard]] Task<Ended> write_whole(Journey& journey, const route::Step& step, EventSource& source,
                                      provider::Blame blame);

}  // namespace hearth::pipeline
