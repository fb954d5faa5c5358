#pragma once
// Decodes a stream of the Responses dialect into exchange events, for a client of another dialect, and reads along for
// the relay. event_reader.h says how leniently.
//
// Order out: Started, deltas and Finish as they come, then at the end one UsageEvent and Done; or an Error, after which
// nothing follows. A stream without its last event (response.completed, .incomplete or .failed) was cut.
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/sse.h"
#include "wire/dialect.h"
#include "wire/responses/event_reader.h"

namespace hearth::wire::responses {

class StreamDecoder final : public wire::StreamDecoder {
  public:
    explicit StreamDecoder(const std::vector<exchange::Tool>& tools = {}) : reader_(tools) {}

    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    [[nodiscard]] bool over() const override { return facts_.done || facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

    // How a stream of this dialect that has been passed on so far ends when it fails: a response.failed event that goes
    // on with its id and numbers.
    [[nodiscard]] std::string failed_event(const Error& error) const;

  private:
    AnswerFacts facts_;
    text::SseDecoder decoder_;
    EventReader reader_;
};

}  // namespace hearth::wire::responses
