#pragma once
// Inside this folder: an answer's JSON, streamed event by event or whole, read into exchange events and facts.
//
// Blocks of the vendor's own tools (server_tool_use and their results) and kinds to come are passed over: they count as
// content, for a relay's client sees them. A tool's input may come as deltas or whole in its block (compatible servers);
// a call without any gets "{}".
#include <cstdint>
#include <string>
#include <vector>

#include "exchange/event.h"
#include "text/json.h"
#include "wire/anthropic/words.h"
#include "wire/facts.h"

namespace hearth::wire::anthropic {

class MessageReader {
  public:
    using Events = std::vector<exchange::Event>;

    // One event's object. False: facts.failure is set.
    bool read_event(json::Value event, std::string_view name, AnswerFacts& facts, Events& out);
    // A whole answer's object.
    bool read_message(json::Value message, AnswerFacts& facts, Events& out);
    // Blocks that no content_block_stop ended.
    void close_blocks(Events& out);

  private:
    enum class Kind : std::uint8_t { text, thinking, call, other };
    struct Block {
        std::int64_t index = 0;
        Kind kind = Kind::other;
        std::int32_t call = 0;
        bool had_input = false;        // call: some delta brought arguments
        std::string input, signature;  // call: what the block began with; thinking
        std::int64_t start = 0;        // text: characters of the answer before it
        std::vector<exchange::Citation>
            citations;  // text: emitted once the block is whole, which is what they are of
    };

    void begin(json::Value message, AnswerFacts& facts, Events& out);
    bool start_block(json::Value block, std::int64_t index, AnswerFacts& facts, Events& out);
    bool delta(json::Value delta, std::int64_t index, AnswerFacts& facts, Events& out);
    void close_block(Block& block, Events& out);
    void stop_block(std::int64_t index, Events& out);
    void end(json::Value delta, AnswerFacts& facts, Events& out);
    void read_usage(json::Value usage, AnswerFacts& facts);

    std::vector<Block> open_;
    UsageReader usage_;
    std::int32_t calls_ = 0;
    std::int64_t chars_ = 0;  // of the answer's text so far
    bool begun_ = false;
};

// The end of a stream: sets facts.failure unless the answer is whole: message_stop, or at least a stop reason.
void judge_end(AnswerFacts& facts);

}  // namespace hearth::wire::anthropic
