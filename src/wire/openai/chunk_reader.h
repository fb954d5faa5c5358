#pragma once
// Inside this folder: the one walk over an answer's JSON, chunk or whole, shared by the relay (facts only) and the
// decoder (facts and exchange events), so that both see the same. Vendors' habits that it knows: usage in x_groq (Groq)
// or in a choice (Moonshot), cached tokens under DeepSeek's and Moonshot's names, content as parts (Mistral), reasoning
// beside reasoning_content (OpenRouter, vLLM), tool calls without index or all with index 0 (Gemini's compatible API).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/json.h"
#include "text/sse.h"
#include "wire/facts.h"
#include "wire/openai/skeleton.h"

namespace hearth::wire::openai {

inline constexpr std::int64_t kAnswerCalls = 1024;  // tool calls of one choice

class ChunkReader {
  public:
    enum class Kind : std::uint8_t {
        nothing,     // a keep-alive: not for the client
        chunk,       // to be passed on
        usage_only,  // no choices, only usage
        done,        // [DONE]
        failed,      // facts.failure is set
    };
    using Events = std::vector<exchange::Event>;

    // One event of a stream. `out` may be null: then only facts are read.
    Kind read(const text::SseEvent& event, AnswerFacts& facts, Events* out);
    // A chunk's or a whole answer's root.
    Kind read_root(json::Value root, AnswerFacts& facts, Events* out);

  private:
    struct Call {
        std::int64_t wire_index = 0;
        std::string id;
        bool named = false;
    };
    bool read_choice(json::Value choice, std::size_t position, AnswerFacts& facts, Events* out);
    bool read_delta(json::Value delta, std::int32_t choice, AnswerFacts& facts, Events* out);
    void read_content(json::Value content, std::int32_t choice, AnswerFacts& facts, Events* out);
    bool read_calls(json::Value calls, std::int32_t choice, AnswerFacts& facts, Events* out);
    bool read_call(json::Value call, std::size_t position, std::int32_t choice, AnswerFacts& facts,
                   Events* out);
    Call& call_of(json::Value call, std::size_t position, std::int32_t choice, std::int32_t& number);

    bool learn(std::string_view data, json::Value root,
               const AnswerFacts& facts);  // whether it was a pattern

    json::Document document_;
    Skeleton skeleton_;
    std::string repaired_;                  // an event whose bytes were not UTF-8
    std::vector<std::vector<Call>> calls_;  // per choice; only when events are asked for
    bool started_ = false;
    bool usage_here_ = false;  // the event just read had usage or timings
};

// The end of a stream: sets facts.failure unless the answer is whole.
void judge_end(AnswerFacts& facts, std::int64_t expected_choices);

// Sets facts.failure from a root with an error in any of the shapes that vendors use; false when there is none.
bool read_failure(json::Value root, AnswerFacts& facts);

// usage.cpp
void read_usage(json::Value usage, AnswerFacts& facts);      // nothing when it is no object
void read_timings(json::Value timings, AnswerFacts& facts);  // llama-server's
// logprobs.cpp: both shapes (chat's content list, completions' parallel lists). Nothing when null.
[[nodiscard]] std::vector<exchange::TokenLogprob> read_logprobs(json::Value logprobs);
// The list alone, which Ollama and llama-server have too.
[[nodiscard]] std::vector<exchange::TokenLogprob> read_token_logprobs(json::Value list);

[[nodiscard]] std::optional<exchange::FinishReason> parse_finish(std::string_view word);  // nullopt: "" only
[[nodiscard]] std::string_view finish_word(exchange::FinishReason reason);

}  // namespace hearth::wire::openai
