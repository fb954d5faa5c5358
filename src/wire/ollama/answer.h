#pragma once
// Answers of Ollama's own API, read and written: one object for a whole answer, one object a line for a stream, and the
// vectors of /api/embed and /api/embeddings.
//
// Facts: docs/api.md and api/types.go (ChatResponse, GenerateResponse, Metrics, EmbedResponse) of Ollama's repository.
// Durations are nanoseconds; prompt_eval_count counts the prompt's tokens, those from the cache too.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exchange/event.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::ollama {

// Reads one object after the other into events: a chat's (`message`) or a generation's (`response`). No Started, no
// UsageEvent and no Done: those are the stream's or the whole answer's to say.
class AnswerReader {
  public:
    // False when facts.failure is set: by an `error`, or by calls beyond all measure. facts.done: this was the last one.
    bool read(json::Value root, AnswerFacts& facts, std::vector<exchange::Event>& out);

  private:
    bool read_calls(json::Value calls, std::string_view created_at, AnswerFacts& facts,
                    std::vector<exchange::Event>& out);
    void read_end(json::Value root, AnswerFacts& facts, std::vector<exchange::Event>& out) const;
    std::int32_t calls_ = 0;
};

[[nodiscard]] Result<exchange::Answer> decode_answer(exchange::Kind kind, std::string_view body,
                                                     json::Document& scratch);

// `{"model":"…","created_at":"…"`, with which every object of an answer begins.
[[nodiscard]] std::string answer_head(const AnswerContext& context);
// Whether answers are /api/generate's: `response` in place of `message`.
[[nodiscard]] bool is_generation(const AnswerContext& context);

// One object of a chat or a generation, without its closing brace.
struct Piece {
    std::string_view text, thinking;
    const std::vector<exchange::ToolCall>* calls = nullptr;
    const std::vector<exchange::TokenLogprob>* logprobs = nullptr;
};
void append_piece(std::string& out, std::string_view head, bool generation, const Piece& piece);
// `,"done":true,…`, from the request's nature (loading), the finish reason and what was counted and measured.
void append_end(std::string& out, const exchange::Request& request, exchange::FinishReason reason,
                const exchange::Usage& usage, const std::optional<exchange::Timings>& timings);

[[nodiscard]] std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer);

}  // namespace hearth::wire::ollama
