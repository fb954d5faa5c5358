#pragma once
// Writes exchange events as a stream of the Messages API, strictly as Anthropic sends it: message_start, blocks one after
// the other (start, deltas, stop), message_delta with the stop reason and the usage, message_stop; every event with its
// name. platform.claude.com/docs/en/api/messages-streaming.
//
// Blocks cannot overlap: while a call's arguments are not a whole JSON object yet, what comes for other calls (or as text)
// waits, and is written behind it. message_delta waits for the usage, which may come after the finish.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/dialect.h"

namespace hearth::wire::anthropic {

// Finds the end of a JSON object that comes in pieces.
class ObjectEnd {
  public:
    void feed(std::string_view text);
    [[nodiscard]] bool whole() const { return whole_; }

  private:
    int depth_ = 0;
    bool in_string_ = false, escaped_ = false, whole_ = false;
};

class MessageStream final : public wire::StreamEncoder {
  public:
    explicit MessageStream(const AnswerContext& context) : context_(context) {}
    void write(const exchange::Event& event, std::string& out) override;

  private:
    struct Visitor;
    enum class Open : std::uint8_t { none, text, thinking, call };
    // Something that belongs behind the open call.
    struct Waiting {
        Open kind = Open::text;
        std::int32_t call = 0;
        std::string id, name, opaque, text;
    };

    void start(std::string& out);
    void open(Open kind, std::string_view block, std::string& out);
    void delta(std::string_view type, std::string_view field, std::string_view text, std::string& out) const;
    void close(std::string& out);
    void text(std::string_view text, std::string& out);
    void thought(std::string_view text, std::string_view opaque, std::string& out);
    void withhold(std::string_view text, std::string& out);
    void redacted(std::string_view data, std::string& out);
    void call(const exchange::ToolCallDelta& delta, std::string& out);
    void open_call(const exchange::ToolCallDelta& delta, std::string& out);
    void citation(const exchange::Citation& citation, std::string& out) const;
    [[nodiscard]] bool busy() const { return open_ == Open::call && !arguments_.whole(); }
    void wait(Waiting&& entry, std::string& out);
    void release(bool all, std::string& out);
    void finish(std::string& out);
    void end_message(std::string& out);
    void error(const Error& error, std::string& out);

    const AnswerContext context_;
    Open open_ = Open::none;
    std::int64_t index_ = -1;  // of the block that is open or was last
    std::int32_t call_ = 0;    // Open::call
    ObjectEnd arguments_;
    std::string withheld_;  // thinking that is not to be shown
    std::size_t withheld_pieces_ = 0;
    std::vector<bool> seen_;  // calls that have begun
    std::vector<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::optional<exchange::Finish> finish_;
    exchange::Usage usage_;
    bool started_ = false, over_ = false, refused_ = false, ended_ = false;
};

}  // namespace hearth::wire::anthropic
