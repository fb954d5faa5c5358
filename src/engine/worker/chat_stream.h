#pragma once
// Parses one choice's growing text into events: content, reasoning, tool calls.
#include <memory>
#include <string>
#include <vector>

#include "engine/worker/prompt.h"
#include "exchange/event.h"

namespace hearth::engine {

class ChatStream {
  public:
    ChatStream(std::shared_ptr<const ChatReading> reading, std::int32_t choice)
        : reading_(std::move(reading)), choice_(choice) {}

    // Adds text (StreamText's output). Appends the completed events.
    void feed(std::string_view text, std::vector<exchange::Event>& out);
    // The end of the choice: held-back text is emitted.
    void finish(std::vector<exchange::Event>& out);

    [[nodiscard]] bool called_tools() const { return !seen_.tool_calls.empty(); }
    [[nodiscard]] const std::string& reasoning() const { return seen_.reasoning_content; }

  private:
    void read(bool partial, std::vector<exchange::Event>& out);
    void finish_json_call(std::vector<exchange::Event>& out);

    std::shared_ptr<const ChatReading> reading_;
    std::int32_t choice_;
    std::string text_;
    std::size_t read_ = 0;  // bytes of text_ already parsed
    common_chat_msg seen_;
    std::vector<std::string> call_ids_;
};

}  // namespace hearth::engine
