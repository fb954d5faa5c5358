#pragma once
// Relay for a dialect that has no hand-made one: every whole event of the upstream's stream goes on in its own bytes,
// and the dialect's decoder reads along for the facts.
//
// Held back until the first content: everything before it. Held back until finish(): the events that end the answer
// (whatever came with or after the one that completed it), so that the settlement precedes the client's last byte.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire/dialect.h"

namespace hearth::wire {

class EventRelay final : public Relay {
  public:
    enum class Framing : std::uint8_t { sse, ndjson };
    // The event that ends a stream of the dialect that fails after it has begun, as bytes.
    using ErrorEvent = std::function<std::string(const Error&)>;
    EventRelay(std::unique_ptr<StreamDecoder> decoder, Framing framing, const Options& options,
               ErrorEvent error_event);

    [[nodiscard]] std::span<const std::string_view> feed(std::string_view bytes) override;
    [[nodiscard]] bool over() const override { return decoder_->over(); }
    [[nodiscard]] bool promised() const override { return promised_; }
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }
    [[nodiscard]] std::string_view finish() override;
    [[nodiscard]] std::string_view fail(Error error) override;

  private:
    void take(std::string_view event);
    [[nodiscard]] std::size_t event_end(std::string_view bytes, std::size_t from) const;

    std::unique_ptr<StreamDecoder> decoder_;
    Framing framing_;
    Options options_;
    ErrorEvent error_event_;
    AnswerFacts facts_;
    std::vector<exchange::Event> events_;  // read and forgotten: only the facts count
    std::string partial_;                  // an event that is not whole yet
    std::size_t searched_ = 0;             // of partial_: no event ends before here
    std::string held_;  // before content: the prologue; after the answer is complete: its end
    std::string out_;
    std::string_view piece_;
    bool promised_ = false, complete_ = false;
};

}  // namespace hearth::wire
