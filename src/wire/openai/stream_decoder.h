#pragma once
// Decodes a stream of the OpenAI dialect (chat.completion.chunk or text_completion) wholly into exchange
// events, for a client of another dialect. It reads each event with the same walk as StreamRelay, so their
// facts agree.
//
// Order out: Started with the first chunk, deltas and Finish as they come, then at the end one UsageEvent
// (the last one sent) and Done; or an Error, after which nothing follows.
#include <cstdint>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/sse.h"
#include "wire/dialect.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

class StreamDecoder final : public wire::StreamDecoder {
  public:
    explicit StreamDecoder(std::int64_t choices = 1) : choices_(choices) {}

    void feed(std::string_view bytes, std::vector<exchange::Event>& out) override;
    [[nodiscard]] bool over() const override { return facts_.done || facts_.failure.has_value(); }
    void finish(std::vector<exchange::Event>& out) override;
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

  private:
    std::int64_t choices_;
    AnswerFacts facts_;
    text::SseDecoder decoder_;
    ChunkReader reader_;
};

}  // namespace hearth::wire::openai
