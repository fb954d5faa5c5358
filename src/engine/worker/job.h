#pragma once
// A job is one request in the scheduler; a generation is one of its choices. A generation owns the state of its
// answer except the KV cells: it can lose its slot and continue in another one by evaluating its tokens again.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/protocol/message.h"
#include "engine/worker/chat_stream.h"
#include "engine/worker/sampler.h"
#include "engine/worker/stream_text.h"

namespace hearth::engine {

using Ticks = std::chrono::steady_clock::time_point;

struct Job;

struct Generation {
    Job* job = nullptr;
    std::int32_t choice = 0;
    std::size_t prompt = 0;           // index into Prepared::prompts
    std::vector<llama_token> tokens;  // the prompt, then what was generated
    std::size_t prompt_size = 0;
    std::optional<Sampler> sampler;
    StreamText text;
    std::optional<ChatStream> chat;
    std::vector<std::pair<std::size_t, exchange::TokenLogprob>>
        logprobs;  // waiting until their text is emitted
    int slot = -1;
    bool begun = false;                 // had a slot before
    bool echoed = false;                // Prompt::echo has been sent
    std::vector<Generation*> siblings;  // same prompt, forked from this one once the prompt is evaluated
    [[nodiscard]] std::size_t generated() const { return tokens.size() - prompt_size; }
};

struct Job {
    RequestId id = 0;
    Priority priority = Priority::normal;
    std::string affinity;
    std::uint64_t order = 0;  // order of arrival
    Prepared work;
    std::vector<std::unique_ptr<Generation>> generations;
    std::size_t unfinished = 0;
    std::size_t next_embedding = 0;
    bool started = false, finished = false;
    std::int64_t input_tokens = 0, cached_tokens = 0, output_tokens = 0, reasoning_tokens = 0;
    Ticks arrived, first_token;
    std::optional<Ticks> reading_since;
    double prompt_ms = 0;
};

// Creates the job's generations: for each prompt one that evaluates it; the others are forked from it later.
Result<std::unique_ptr<Job>> make_job(const Model& model, RequestId id, Priority priority,
                                      std::string affinity, Prepared prepared);

// The first event of a job's answer.
exchange::Started started_now();
// Usage and timings of a finished job.
exchange::UsageEvent usage_of(const Job& job, Ticks now);

}  // namespace hearth::engine
