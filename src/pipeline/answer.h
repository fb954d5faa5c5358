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

// Events that are there already.
class GivenEvents final : public EventSource {
  public:
    explicit GivenEvents(std::vector<exchange::Event> events) : events_(std::move(events)) {}
    [[nodiscard]] Task<std::vector<exchange::Event>> next() override { co_return std::exchange(events_, {}); }

  private:
    std::vector<exchange::Event> events_;
};
// The answer to Kind::count.
[[nodiscard]] std::vector<exchange::Event> counted(std::int64_t tokens);
// The answer to a request without a prompt: it is over.
[[nodiscard]] std::vector<exchange::Event> nothing_to_say();

// Who is to cause when it fails before content: `cause`.
[[nodiscard]] Task<Ended> write_stream(Journey& journey, const route::Step& step, EventSource& source,
                                       provider::FailureCause cause);
[[nodiscard]] Task<Ended> write_whole(Journey& journey, const route::Step& step, EventSource& source,
                                      provider::FailureCause cause);

}  // namespace hearth::pipeline
