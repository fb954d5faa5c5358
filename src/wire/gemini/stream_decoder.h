#pragma once
// Decodes an answer's stream: server-sent events (alt=sse), or one JSON array whose elements come piece by piece (what
// the same endpoint sends without alt=sse), told apart by the first character.
//
// Order out: Started with the first chunk, deltas as they come, and at the end Finish for each choice, UsageEvent and
// Done; or an Error. The vendor has no mark for the end: a stream is whole when every choice has a finish reason.
#include <string>
#include <string_view>
#include <vector>

#include "text/sse.h"
#include "wire/dialect.h"
#include "wire/gemini/chunk_reader.h"

namespace hearth::wire::gemini {

class StreamDecoder final : public wire::StreamDecoder {
  public:
    // spoilt_is_failure: see ChunkReader.
    explicit StreamDecoder(std::int64_t choices = 1, bool spoilt_is_failure = true)
        : choices_(choices), reader_(spoilt_is_failure) {}

    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    [[nodiscard]] bool over() const override { return facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

  private:
    enum class Framing : std::uint8_t { unknown, sse, array };
    bool take(std::string_view data, std::vector<exchange::Event>& out);
    void feed_events(std::string_view bytes, std::vector<exchange::Event>& out);
    void feed_array(std::string_view bytes, std::vector<exchange::Event>& out);

    std::int64_t choices_;
    AnswerFacts facts_;
    ChunkReader reader_;
    Framing framing_ = Framing::unknown;
    text::SseDecoder events_;
    std::string element_;  // of the array: as far as it has come
    int depth_ = 0;        // brackets open within the element
    bool in_string_ = false, escaped_ = false;
};

}  // namespace hearth::wire::gemini
