#pragma once
// Writes exchange events as a stream of the OpenAI dialect, strictly as OpenAI sends it: per choice a role chunk, deltas,
// a finish chunk; then, if asked for, a usage chunk with empty choices; then [DONE]. Thinking goes out as
// delta.reasoning_content (DeepSeek's field, read by most clients), the engine's timings as llama-server's `timings`: in
// the usage chunk, or without one in the last finish chunk, which is therefore held until the next event.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "exchange/request.h"
#include "wire/dialect.h"

namespace hearth::wire::openai {

struct StreamEncoderOptions {
    bool include_usage = false;
    bool legacy_functions = false;  // Chat::legacy_functions: the first call as function_call
    bool timings = true;            // attach Timings where they came
};

// What both encoders share: the head of every chunk, the held finish chunk, usage and the end.
class ChunkWriter {
  public:
    ChunkWriter(std::string_view object, const StreamEncoderOptions& options)
        : object_(object), options_(options) {}

    [[nodiscard]] const StreamEncoderOptions& options() const { return options_; }
    [[nodiscard]] bool over() const { return over_; }
    void start(const exchange::Started& started);
    void open(std::string& out);         // `data: {"id":…,"choices":[`, after the held chunk
    void close(std::string& out) const;  // `]…}` and a blank line
    void hold(std::string& out);         // keeps what was written since open() as the held finish chunk
    void usage(const exchange::UsageEvent& event, std::string& out);
    void error(const Error& error, std::string& out);
    void done(std::string& out);

  private:
    void release(std::string& out);

    std::string_view object_;
    StreamEncoderOptions options_;
    std::string head_, held_;
    std::size_t opened_at_ = 0;
    bool over_ = false;
};

class ChatStreamEncoder final : public wire::StreamEncoder {
  public:
    explicit ChatStreamEncoder(const StreamEncoderOptions& options = {})
        : chunk_("chat.completion.chunk", options) {}
    // Appends the bytes of one event; nothing after Done or Error. After an Error no [DONE] follows.
    void write(const exchange::Event& event, std::string& out) override;

  private:
    struct Visitor;
    void open_delta(std::int32_t choice, std::string& out);
    void close_delta(std::string& out) const;
    void text_delta(std::int32_t choice, std::string_view field, std::string_view text, std::string& out);
    void call_delta(const exchange::ToolCallDelta& delta, std::string& out);
    void citation(const exchange::Citation& citation, std::string& out);
    void logprobs(const exchange::LogprobsDelta& delta, std::string& out);
    void finish(const exchange::Finish& finish, std::string& out);

    ChunkWriter chunk_;
    std::vector<bool> role_sent_;  // per choice
};

// text_completion events: no role chunk; only text, finish, usage and log-probabilities exist here.
class CompletionStreamEncoder final : public wire::StreamEncoder {
  public:
    explicit CompletionStreamEncoder(const StreamEncoderOptions& options = {})
        : chunk_("text_completion", options) {}
    void write(const exchange::Event& event, std::string& out) override;

  private:
    ChunkWriter chunk_;
};

}  // namespace hearth::wire::openai
