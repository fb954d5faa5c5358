#pragma once
// The one internal form of an answer: a sequence of events. A whole answer is the same sequence, folded
// (Answer).
//
// Order: Started, then per choice any number of deltas and one Finish, then Usage (at most one), then Done;
// or Failure at any point, after which nothing follows. A stream without Done or Failure was cut.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "exchange/request.h"

namespace hearth::exchange {

// pause: the vendor stopped in the middle of a turn of its hosted tools and wants to be asked again (Anthropic).
enum class FinishReason : std::uint8_t { stop, length, tool_calls, content_filter, error, pause };

// Token counts as the provider or the engine reports them. Absent is unknown, not zero.
struct Usage {
    std::optional<std::int64_t> input, output;                    // input includes the cached ones
    std::optional<std::int64_t> cached_input, cache_write_input;  // part of input
    std::optional<std::int64_t> reasoning_output;                 // part of output
    bool operator==(const Usage&) const = default;
};

// Measured by the engine, in the field names of llama-server's `timings` when encoded.
struct Timings {
    std::int64_t cache_n = 0, prompt_n = 0, predicted_n = 0;
    double prompt_ms = 0, predicted_ms = 0;
    bool operator==(const Timings&) const = default;
};

struct Started {
    std::string id, model;
    std::int64_t created_s = 0;  // Unix seconds
};
struct TextDelta {
    std::int32_t choice = 0;
    std::string text;
};
// `opaque` (a signature, encrypted content) ends the block of thinking that it belongs to; a block of nothing but opaque
// is redacted. Whose it is: the provider that answers (AnswerContext::origin in wire/dialect.h).
struct ReasoningDelta {
    std::int32_t choice = 0;
    std::string text, opaque;
};
// Where a piece of the text comes from; belongs to the text so far.
struct Citation {
    std::int32_t choice = 0;
    std::string url, title, text;       // text: what is cited
    std::int64_t start = -1, end = -1;  // Unicode characters of the answer's text; -1: unknown
    bool operator==(const Citation&) const = default;
};
// An image or audio that the model generated.
struct MediaDelta {
    std::int32_t choice = 0;
    std::string media_type, data;  // data: base64, whole
};
struct RefusalDelta {
    std::int32_t choice = 0;
    std::string text;
};
struct ToolCallDelta {
    std::int32_t choice = 0;
    std::int32_t call = 0;  // position among the choice's calls
    std::string id, name;   // on the first delta of a call only
    std::string arguments;  // next piece
    bool custom = false;    // a free-form tool's call (ToolCall::custom)
    std::string opaque;     // Gemini's thought signature of the call
};
struct TokenLogprob {
    std::string token;  // its bytes, which need not be whole UTF-8
    double logprob = 0;
    std::vector<std::pair<std::string, double>> top;
    bool operator==(const TokenLogprob&) const = default;
};
struct LogprobsDelta {
    std::int32_t choice = 0;
    std::vector<TokenLogprob> tokens;
};
struct Finish {
    std::int32_t choice = 0;
    FinishReason reason = FinishReason::stop;
    std::string stop_sequence;  // the one that matched, where the vendor says so
};
struct EmbeddingVector {
    std::int32_t index = 0;
    std::vector<float> values;
};
struct RerankScore {
    std::int32_t index = 0;  // of the document
    double score = 0;
};
struct UsageEvent {
    Usage usage;
    std::optional<Timings> timings;
};
struct Done {};

using Event =
    std::variant<Started, TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, Citation, MediaDelta,
                 LogprobsDelta, Finish, EmbeddingVector, RerankScore, UsageEvent, Error, Done>;

// The first event that a client would see content in: until then failover is still open.
[[nodiscard]] bool is_content(const Event& event);

// A whole answer: events folded.
struct Choice {
    std::vector<Reasoning> reasoning;  // blocks; Opaque::origin is left empty
    std::string text, refusal;
    std::vector<ToolCall> tool_calls;
    std::vector<Citation> citations;
    std::vector<MediaDelta> media;
    std::vector<TokenLogprob> logprobs;
    std::optional<FinishReason> finish;
    std::string stop_sequence;
    [[nodiscard]] std::string reasoning_text() const;  // all blocks in one
};
struct Answer {
    std::string id, model;
    std::int64_t created_s = 0;
    std::vector<Choice> choices;
    std::vector<EmbeddingVector> embeddings;
    std::vector<RerankScore> scores;
    Usage usage;
    std::optional<Timings> timings;
    std::optional<Error> failure;
    bool done = false;
};
void fold(Answer& into, Event event);
// The other way: the events that fold into `answer`, with Done at the end (an Error in its place when it failed).
[[nodiscard]] std::vector<Event> unfold(const Answer& answer);

}  // namespace hearth::exchange
