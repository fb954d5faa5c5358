#pragma once
// Inside this folder: the one walk over an answer's JSON, event by event or whole, shared by the stream decoder, the relay
// (through it) and whole answers.
//
// Read leniently: an item may come in pieces, whole in output_item.done, or only in the last event's response object;
// output_index may be missing or item ids may change on the way (GitHub Copilot rotates them). Whatever was not seen in
// pieces is taken from where it comes next, and nothing twice.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/json.h"
#include "text/sse.h"
#include "wire/facts.h"

namespace hearth::wire::responses {

inline constexpr std::size_t kAnswerItems = 4096;  // output items of one answer

class EventReader {
  public:
    using Events = std::vector<exchange::Event>;
    // `tools`: of the request, to tell what the form calls those of a namespace.
    explicit EventReader(const std::vector<exchange::Tool>& tools = {});

    // One event of a stream; false: nothing more is to be read (facts.done or facts.failure).
    bool read(const text::SseEvent& event, AnswerFacts& facts, Events& out);
    // A whole response object; false: facts.failure is set.
    bool read_whole(json::Value response, AnswerFacts& facts, Events& out);

    [[nodiscard]] const exchange::Started& started() const { return started_; }
    [[nodiscard]] std::int64_t sequence() const { return sequence_; }  // of the next event

  private:
    enum class Type : std::uint8_t { other, message, reasoning, function_call, custom_call, image };
    struct Item {
        Type type = Type::other;
        std::int64_t index = -1;  // output_index; -1: not said
        std::string id;
        std::int32_t call = -1;  // position among the calls
        bool named = false;      // the call's name has been emitted
        bool arguments = false;  // and pieces of its arguments
        bool done = false;
        bool cited = false;
        std::uint64_t parts = 0;       // of a message: which came in pieces
        std::int64_t part = -1;        // of a message: the last one, or of reasoning: the last summary
        std::int64_t part_begins = 0;  // characters of the answer before that part
        enum class Thought : std::uint8_t { none, summary, text } thought = Thought::none;
    };
    struct Sink {
        AnswerFacts& facts;
        Events& out;
        void put(exchange::Event event);
    };

    bool read_root(json::Value root, std::string_view type, Sink sink);
    bool read_end(json::Value response, std::string_view type, Sink sink);
    bool read_delta(json::Value root, std::string_view type, Sink sink);
    void read_part_end(json::Value root, std::string_view type, Sink sink);
    void introduce(json::Value response, Sink sink);
    [[nodiscard]] static Type type_of(std::string_view word);
    Item* find(json::Value root, Type type);
    Item* make(json::Value root, Type type, Sink sink);
    Item* find_or_make(json::Value root, Type type, Sink sink);
    bool read_added(json::Value root, Sink sink);
    bool read_done(json::Value root, Sink sink);

    void text(Item& item, json::Value part, json::Value words, Sink sink);
    void refusal(Item& item, json::Value part, json::Value words, Sink sink);
    void thought(Item& item, Item::Thought kind, json::Value part, json::Value words, Sink sink);
    void arguments(Item& item, json::Value words, Sink sink);
    void logprobs(json::Value list, Sink sink);
    void citation(Item& item, json::Value annotation, Sink sink);
    void name_call(Item& item, json::Value call, Sink sink);
    void whole_item(Item& item, json::Value value, Sink sink);
    void whole_message(Item& item, json::Value value, Sink sink);
    void whole_reasoning(Item& item, json::Value value, Sink sink);
    void whole_image(json::Value value, Sink sink);

    json::Document document_;
    std::string repaired_;  // an event whose bytes were not UTF-8
    std::vector<exchange::Tool> tools_;
    std::vector<Item> items_;
    exchange::Started started_;
    bool introduced_ = false;
    bool any_text_ = false, any_thought_ = false, any_image_ = false;
    std::int32_t calls_ = 0;
    std::int64_t chars_ = 0;  // of the answer's text
    std::int64_t sequence_ = 0;
};

// answer_parts.cpp
[[nodiscard]] std::optional<exchange::Usage> read_usage(json::Value usage);
// {"code","message"} of a failed response, an error event or an error's body.
[[nodiscard]] Error read_failure(json::Value error);

}  // namespace hearth::wire::responses
