#pragma once
// Inside this folder: the one walk over a GenerateContentResponse, chunk of a stream or whole answer. Format:
// ai.google.dev/api/generate-content#v1beta.GenerateContentResponse. Vendors' habits that it knows: candidates without an
// index, "STOP" in every chunk (therefore finish reasons count only at the end), an answer inside "response" (Code
// Assist), calls without an id, a prompt that was blocked and has no candidates.
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/json.h"
#include "wire/facts.h"

namespace hearth::wire::gemini {

inline constexpr std::size_t kAnswerCalls = 1024;      // function calls of one choice
inline constexpr std::size_t kAnswerCitations = 1024;  // of one answer

class ChunkReader {
  public:
    using Events = std::vector<exchange::Event>;
    enum class Read : std::uint8_t { chunk, failed, no_json };

    // spoilt_is_failure: an answer that the vendor ended with MALFORMED_FUNCTION_CALL and the like is a failure, so that
    // it is asked again; else (a client of this dialect, which knows the word) its finish is FinishReason::error.
    explicit ChunkReader(bool spoilt_is_failure) : spoilt_is_failure_(spoilt_is_failure) {}

    // The text of one event or element. Sets facts.failure unless it answers Read::chunk.
    Read read(std::string_view data, AnswerFacts& facts, Events& out);
    bool read_root(json::Value root, std::string_view text, AnswerFacts& facts, Events& out);
    // At the end of an answer that has not failed: a Finish for each choice that has a reason.
    void finish(AnswerFacts& facts, Events& out) const;

  private:
    void start(json::Value root, std::string_view text, Events& out);
    bool read_candidate(json::Value candidate, std::size_t position, AnswerFacts& facts, Events& out);
    bool read_part(json::Value part, std::int32_t choice, AnswerFacts& facts, Events& out);
    bool read_call(json::Value part, json::Value call, std::int32_t choice, AnswerFacts& facts, Events& out);
    bool read_reason(std::string_view word, std::int32_t choice, AnswerFacts& facts);
    void read_citations(json::Value candidate, std::int32_t choice, Events& out);
    void cite(exchange::Citation citation, Events& out);

    bool spoilt_is_failure_;
    bool started_ = false;
    json::Document document_;
    std::string seed_;                 // of invented ids: what tells this answer from others
    std::vector<std::int32_t> calls_;  // per choice
    std::size_t invented_ = 0;
    std::vector<exchange::Citation> cited_;  // each is emitted once, though later chunks repeat them
    std::string text_;                       // the first choice's, to its bound: what citations count in
    std::size_t told_ = 0;                   // repetitions included: they are bounded, too
};

// Candidate.FinishReason; words that are new count as an end. nullopt: not at its end.
[[nodiscard]] std::optional<exchange::FinishReason> reason_of(std::string_view word);
[[nodiscard]] std::vector<exchange::TokenLogprob> read_logprobs(json::Value result);  // logprobsResult
// usageMetadata. candidatesTokenCount is without the thoughts, promptTokenCount with the cached part.
void read_usage(json::Value usage, AnswerFacts& facts);
// The end of a stream: sets facts.failure unless the answer is whole.
void judge_end(AnswerFacts& facts, std::int64_t expected_choices);

}  // namespace hearth::wire::gemini
