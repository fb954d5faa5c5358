#pragma once
// Writes exchange events as a stream of the OpenAI dialect, strictly as OpenAI sends it: per choice a role
// chunk, deltas, a finish chunk; then, if asked for, a usage chunk with empty choices; then [DONE]. Thinking
// goes out as delta.reasoning_content (DeepSeek's field, read by most clients), the engine's timings as
// llama-server's `timings` on the last finish chunk's successor (the usage chunk, or a chunk of its own
// without choices when usage was not asked for).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "exchange/request.h"

namespace hearth::wire::openai {

struct StreamEncoderOptions {
    bool include_usage = false;
    bool legacy_functions = false;  // Chat::legacy_functions
    bool timings = true;            // attach Timings where they came
};

class ChatStreamEncoder {
  public:
    explicit ChatStreamEncoder(const StreamEncoderOptions& options = {}) : options_(options) {}
    // Appends the bytes of one event; nothing after Done or Error. A client that hears an Error hears no
    // [DONE].
    void write(const exchange::Event& event, std::string& out);

  private:
    struct ChoiceState {
        bool role_sent = false;
        std::int32_t calls = 0;  // tool calls begun
    };
    ChoiceState& begin(std::int32_t choice, std::string& out);
    void open_delta(std::int32_t choice, std::string& out) const;
    void write_call(const exchange::ToolCallDelta& delta, std::string& out);
    void write_finish(const exchange::Finish& finish, std::string& out);
    void write_usage(const exchange::UsageEvent& usage, std::string& out);

    StreamEncoderOptions options_;
    std::string head_;  // `data: {"id":…,"object":…,"created":…,"model":…` of every chunk
    std::vector<ChoiceState> choices_;
    bool over_ = false;
};

// text_completion events: no role chunk; only text, finish, usage and log-probabilities exist here.
class CompletionStreamEncoder {
  public:
    explicit CompletionStreamEncoder(const StreamEncoderOptions& options = {}) : options_(options) {}
    void write(const exchange::Event& event, std::string& out);

  private:
    StreamEncoderOptions options_;
    std::string head_;
    bool over_ = false;
};

}  // namespace hearth::wire::openai
