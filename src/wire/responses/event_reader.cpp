#include "wire/responses/event_reader.h"

#include <fmt/format.h>

#include "wire/lenient.h"
#include "wire/openai/chunk_reader.h"
#include "wire/responses/output_item.h"

namespace hearth::wire::responses {

namespace {

using exchange::FinishReason;
using json::Value;

constexpr std::size_t kKeepBytes = 16 * 1024;  // an event larger than this leaves no buffers behind

bool broken(AnswerFacts& facts, std::string message) {
    set_failure(facts, Code::upstream_broken, std::move(message));
    return false;
}

}  // namespace

EventReader::EventReader(const std::vector<exchange::Tool>& tools) {
    const bool spaces =
        std::ranges::any_of(tools, [](const exchange::Tool& tool) { return !tool.space.empty(); });
    if (!spaces) return;
    for (const auto& tool : tools) {
        auto& kept = tools_.emplace_back();  // the names alone
        kept.name = tool.name;
        kept.space = tool.space;
        kept.own_name = tool.own_name;
    }
}

void EventReader::Sink::put(exchange::Event event) {
    if (exchange::is_content(event)) {
        facts.content = true;
        facts.choices.set(0);
    }
    out.push_back(std::move(event));
}

bool EventReader::read(const text::SseEvent& event, AnswerFacts& facts, Events& out) {
    const std::string_view data = trimmed(event.data);
    if (data.empty() || data == "[DONE]" || event.event == "ping" || event.event == "keepalive") return true;
    ++facts.events;
    const Value root = parse_event(document_, data, repaired_);
    if (!root.is_object()) {
        const auto what =
            fmt::format("Event {} of the upstream's stream is not a JSON object.", facts.events);
        return broken(facts, what);
    }
    const Value type = root["type"];
    const bool goes_on = read_root(root, type.is_string() ? type.as_string() : event.event, Sink{facts, out});
    if (data.size() > kKeepBytes) document_.clear(0);
    return goes_on;
}

bool EventReader::read_root(Value root, std::string_view type, Sink sink) {
    if (const auto number = root["sequence_number"].as_int(); number && *number >= 0 && *number < INT32_MAX)
        sequence_ = *number + 1;
    if (type == "error") {
        sink.facts.failure = read_failure(root["error"].is_object() ? root["error"] : root);
        return false;
    }
    if (type.empty() || !type.starts_with("response.")) {
        if (root["error"].is_object()) {  // a gateway's own error in the middle
            sink.facts.failure = read_failure(root["error"]);
            return false;
        }
        return true;
    }
    const Value response = root["response"];
    introduce(response, sink);
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed" ||
        type == "response.cancelled" || type == "response.done")
        return read_end(response, type, sink);
    if (type == "response.output_item.added") return read_added(root, sink);
    if (type == "response.output_item.done") return read_done(root, sink);
    if (type.ends_with(".delta")) return read_delta(root, type, sink);
    read_part_end(root, type, sink);
    return !sink.facts.failure;
}

void EventReader::introduce(Value response, Sink sink) {
    if (introduced_) return;
    introduced_ = true;
    started_.id = response["id"].as_string();
    started_.model = response["model"].as_string();
    started_.created_s = response["created_at"].as_int().value_or(0);
    sink.put(started_);
}

// The last event, or a whole answer: what did not come in pieces is taken from it.
bool EventReader::read_end(Value response, std::string_view type, Sink sink) {
    const auto status = response["status"].as_string();
    if (type == "response.failed" || type == "response.cancelled" || status == "failed" ||
        status == "cancelled") {
        sink.facts.failure = read_failure(response["error"]);
        return false;
    }
    const bool no_text = !any_text_, no_thought = !any_thought_, no_image = !any_image_,
               no_call = calls_ == 0;
    for (const Value value : response["output"].elements()) {
        const Type kind = type_of(value["type"].as_string());
        const bool call = kind == Type::function_call || kind == Type::custom_call;
        const bool wanted = (kind == Type::message && no_text) || (kind == Type::reasoning && no_thought) ||
                            (kind == Type::image && no_image) || (call && no_call);
        if (!wanted) continue;
        Item* item = make({}, kind, sink);
        if (item == nullptr) return false;
        whole_item(*item, value, sink);
    }
    if (auto usage = read_usage(response["usage"])) sink.facts.usage = usage;
    const auto reason = response["incomplete_details"]["reason"].as_string();
    auto finish = calls_ > 0 ? FinishReason::tool_calls : FinishReason::stop;
    if (reason == "content_filter") {
        finish = FinishReason::content_filter;
    } else if (type == "response.incomplete" || status == "incomplete") {
        finish = FinishReason::length;
    }
    sink.facts.finish[0] = finish;
    sink.facts.done = true;
    sink.put(exchange::Finish{0, finish, {}});
    return false;
}

bool EventReader::read_whole(Value response, AnswerFacts& facts, Events& out) {
    const Sink sink{facts, out};
    introduce(response, sink);
    read_end(response, {}, sink);
    return !facts.failure;
}

bool EventReader::read_delta(Value root, std::string_view type, Sink sink) {
    const Value words = root["delta"];
    const bool known = type == "response.output_text.delta" || type == "response.refusal.delta" ||
                       type == "response.reasoning_summary_text.delta" ||
                       type == "response.reasoning_text.delta" || type == "response.reasoning.delta" ||
                       type == "response.function_call_arguments.delta" ||
                       type == "response.custom_tool_call_input.delta";
    if (!known) return true;
    const Type kind = type.starts_with("response.reasoning")       ? Type::reasoning
                      : type.starts_with("response.function_call") ? Type::function_call
                      : type.starts_with("response.custom_tool")   ? Type::custom_call
                                                                   : Type::message;
    Item* item = find_or_make(root, kind, sink);
    if (item == nullptr) return false;
    if (type == "response.output_text.delta") {
        text(*item, root["content_index"], words, sink);
        logprobs(root["logprobs"], sink);
    } else if (type == "response.refusal.delta") {
        refusal(*item, root["content_index"], words, sink);
    } else if (type == "response.reasoning_summary_text.delta") {
        thought(*item, Item::Thought::summary, root["summary_index"], words, sink);
    } else if (kind == Type::reasoning) {
        thought(*item, Item::Thought::text, {}, words, sink);
    } else {
        arguments(*item, words, sink);
    }
    return true;
}

// The ends of parts repeat them whole: for servers that send no deltas.
void EventReader::read_part_end(Value root, std::string_view type, Sink sink) {
    const auto unseen = [&](const Item& item) {
        const auto part = root["content_index"].as_int().value_or(0);
        return part >= 0 && part < 64 && (item.parts >> part & 1) == 0;
    };
    if (type == "response.output_text.annotation.added") {
        if (Item* item = find_or_make(root, Type::message, sink)) citation(*item, root["annotation"], sink);
    } else if (type == "response.output_text.done" || type == "response.refusal.done") {
        Item* item = find_or_make(root, Type::message, sink);
        if (item == nullptr || !unseen(*item)) return;
        if (type == "response.refusal.done")
            return refusal(*item, root["content_index"], root["refusal"], sink);
        text(*item, root["content_index"], root["text"], sink);
        logprobs(root["logprobs"], sink);
    } else if (type == "response.function_call_arguments.done") {
        Item* item = find_or_make(root, Type::function_call, sink);
        if (item != nullptr && !item->arguments) arguments(*item, root["arguments"], sink);
    } else if (type == "response.custom_tool_call_input.done") {
        Item* item = find_or_make(root, Type::custom_call, sink);
        if (item != nullptr && !item->arguments) arguments(*item, root["input"], sink);
    }
}

}  // namespace hearth::wire::responses
