// Tool calls of an answer: streamed in pieces, or whole.
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

using json::Value;

bool ChunkReader::read_calls(Value calls, std::int32_t choice, AnswerFacts& facts, Events* out) {
    std::size_t position = 0;
    for (const Value call : calls.elements()) {
        if (!read_call(call, position++, choice, facts, out)) return false;
    }
    return true;
}

bool ChunkReader::read_call(Value call, std::size_t position, std::int32_t choice, AnswerFacts& facts,
                            Events* out) {
    const Value index = call["index"];
    const auto at = index && !index.is_null() ? index.as_int() : std::optional<std::int64_t>(0);
    if (!call.is_object() || !at || *at < 0 || *at >= kAnswerCalls || position >= kAnswerCalls) {
        set_failure(facts, Code::upstream_broken,
                    "The upstream sent a tool call that is none or has an impossible index.");
        return false;
    }
    facts.content = true;
    if (out == nullptr) return true;

    exchange::ToolCallDelta event;
    event.choice = choice;
    Call& known = call_of(call, position, choice, event.call);
    if (event.call >= kAnswerCalls) {
        set_failure(facts, Code::upstream_broken, "The upstream sent too many tool calls.");
        return false;
    }
    const Value custom = call["custom"];
    event.custom = custom.is_object();
    const Value inner = event.custom ? custom : call["function"];
    const Value arguments = inner[event.custom ? "input" : "arguments"];
    event.arguments = arguments.is_object() ? arguments.raw() : arguments.as_string();
    if (const auto id = call["id"].as_string(); known.id.empty() && !id.empty()) {
        known.id = id;
        event.id = id;
    }
    if (const auto name = inner["name"].as_string(); !known.named && !name.empty()) {
        known.named = true;
        event.name = name;
    }
    out->emplace_back(std::move(event));
    return true;
}

// Which call a piece belongs to: by index; a new id under a known index is a new call; without an index, a piece with
// an id or a name begins a call and others continue the last one.
ChunkReader::Call& ChunkReader::call_of(Value call, std::size_t position, std::int32_t choice,
                                        std::int32_t& number) {
    const auto slot = static_cast<std::size_t>(choice);
    if (calls_.size() <= slot) calls_.resize(slot + 1);
    auto& known = calls_[slot];
    const auto id = call["id"].as_string();
    const auto index = call["index"].as_int();
    const Value inner = call["custom"].is_object() ? call["custom"] : call["function"];
    for (std::size_t i = known.size(); i-- > 0;) {
        const bool same_place = index ? known[i].wire_index == *index : i + 1 == known.size();
        const bool continues = index ? id.empty() || known[i].id.empty() || known[i].id == id
                                     : (id.empty() || id == known[i].id) && inner["name"].as_string().empty();
        if (same_place && continues) {
            number = static_cast<std::int32_t>(i);
            return known[i];
        }
        if (same_place) break;
    }
    number = static_cast<std::int32_t>(known.size());
    auto& made = known.emplace_back();
    made.wire_index = index.value_or(static_cast<std::int64_t>(position));
    return made;
}

}  // namespace hearth::wire::openai
