#pragma once
// Decodes a stream of the Messages API into exchange events. Lenient: event names may be missing (the object's type
// counts), unknown events and pings are passed over, message_start and message_delta may come twice, and a stream that has
// told its stop reason is whole without message_stop.
#include <string_view>
#include <vector>

#include "text/sse.h"
#include "wire/anthropic/message_reader.h"
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

class StreamDecoder final : public wire::StreamDecoder {
  public:
    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    [[nodiscard]] bool over() const override { return facts_.done || facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

  private:
    void take(const text::SseEvent& event, std::vector<exchange::Event>& out);

    AnswerFacts facts_;
    text::SseDecoder decoder_;
    MessageReader reader_;
    json::Document document_;
};

}  // namespace hearth::wire::anthropic
