// Items of an answer as they are read: in pieces or whole.
#include <fmt/format.h>

#include "text/utf8.h"
#include "wire/openai/chunk_reader.h"
#include "wire/responses/event_reader.h"
#include "wire/responses/names.h"
#include "wire/responses/output_item.h"

namespace hearth::wire::responses {

namespace {

using json::Value;

bool has_text(Value value) {
    return value.is_string() && value.range().length > 2;  // more than its quotes
}

std::string text_of(Value value) {
    return std::string(value.as_string());
}

}  // namespace

EventReader::Type EventReader::type_of(std::string_view word) {
    if (word == "message") return Type::message;
    if (word == "reasoning") return Type::reasoning;
    if (word == "function_call") return Type::function_call;
    if (word == "custom_tool_call") return Type::custom_call;
    return word == "image_generation_call" ? Type::image : Type::other;
}

// By its place, else by its id, else the one that came last; it must be of the right type and still open.
EventReader::Item* EventReader::find(Value root, Type type) {
    const auto index = root["output_index"].as_int();
    Value id = root["item_id"];
    if (!id) id = root["item"]["id"];
    for (std::size_t i = items_.size(); i-- > 0;) {
        Item& item = items_[i];
        if (item.done || item.type != type) continue;
        if (index ? item.index == *index : id ? item.id == id.as_string() : true) return &item;
    }
    return nullptr;
}

EventReader::Item* EventReader::make(Value root, Type type, Sink sink) {
    if (items_.size() >= kAnswerItems || calls_ >= openai::kAnswerCalls) {
        set_failure(sink.facts, Code::upstream_broken,
                    fmt::format("The upstream sent more than {} items or {} tool calls.", kAnswerItems,
                                openai::kAnswerCalls));
        return nullptr;
    }
    Item& item = items_.emplace_back();
    item.type = type;
    item.index = root["output_index"].as_int().value_or(-1);
    item.id = root["item_id"] ? text_of(root["item_id"]) : text_of(root["item"]["id"]);
    return &item;
}

EventReader::Item* EventReader::find_or_make(Value root, Type type, Sink sink) {
    Item* item = find(root, type);
    return item != nullptr ? item : make(root, type, sink);
}

bool EventReader::read_added(Value root, Sink sink) {
    const Value value = root["item"];
    const Type type = type_of(value["type"].as_string());
    if (type == Type::other) return true;
    Item* item = make(root, type, sink);
    if (item == nullptr) return false;
    if (type == Type::function_call || type == Type::custom_call) name_call(*item, value, sink);
    return true;
}

bool EventReader::read_done(Value root, Sink sink) {
    const Value value = root["item"];
    const Type type = type_of(value["type"].as_string());
    if (type == Type::other) return true;
    const auto again = [&](const Item& item) {
        return item.done && item.type == type && !item.id.empty() && item.id == value["id"].as_string();
    };
    if (std::ranges::any_of(items_, again)) return true;
    Item* item = find_or_make(root, type, sink);
    if (item == nullptr) return false;
    whole_item(*item, value, sink);
    return true;
}

void EventReader::text(Item& item, Value part, Value words, Sink sink) {
    const auto at = part.as_int().value_or(0);
    if (item.part != at) {
        item.part = at;
        item.part_begins = chars_;
    }
    if (!has_text(words)) return;
    if (at >= 0 && at < 64) item.parts |= std::uint64_t{1} << at;
    any_text_ = true;
    chars_ += text::count_characters(words.as_string());
    sink.put(exchange::TextDelta{0, text_of(words)});
}

void EventReader::refusal(Item& item, Value part, Value words, Sink sink) {
    if (!has_text(words)) return;
    const auto at = part.as_int().value_or(0);
    if (at >= 0 && at < 64) item.parts |= std::uint64_t{1} << at;
    any_text_ = true;
    sink.put(exchange::RefusalDelta{0, text_of(words)});
}

// A summary beside the thinking itself would say everything twice: what came first counts.
void EventReader::thought(Item& item, Item::Thought kind, Value part, Value words, Sink sink) {
    if (item.thought != Item::Thought::none && item.thought != kind) return;
    if (!has_text(words)) return;
    const auto at = part.as_int().value_or(0);
    const bool next = item.thought != Item::Thought::none && item.part != at;
    item.thought = kind;
    item.part = at;
    any_thought_ = true;
    sink.put(exchange::ReasoningDelta{0, next ? "\n\n" + text_of(words) : text_of(words), {}});
}

// Pieces of a call whose name is not known yet are left: output_item.done brings the whole.
void EventReader::arguments(Item& item, Value words, Sink sink) {
    if (!item.named || !has_text(words)) return;
    item.arguments = true;
    exchange::ToolCallDelta delta;
    delta.call = item.call;
    delta.arguments = words.as_string();
    delta.custom = item.type == Type::custom_call;
    sink.put(std::move(delta));
}

void EventReader::name_call(Item& item, Value call, Sink sink) {
    if (item.named || !has_text(call["name"])) return;
    item.named = true;
    item.call = calls_++;
    exchange::ToolCallDelta delta;
    delta.call = item.call;
    delta.id = has_text(call["call_id"]) ? call["call_id"].as_string() : call["id"].as_string();
    delta.name = form_name(tools_, call["namespace"].as_string(), call["name"].as_string());
    delta.custom = item.type == Type::custom_call;
    sink.put(std::move(delta));
}

void EventReader::logprobs(Value list, Sink sink) {
    if (list.size() == 0) return;
    exchange::LogprobsDelta delta;
    for (const Value one : list.elements()) {
        const auto bytes_of = [](Value token) {
            if (!token["bytes"].is_array()) return text_of(token["token"]);
            std::string out;
            for (const Value byte : token["bytes"].elements())
                out.push_back(static_cast<char>(byte.as_int().value_or(0) & 0xff));
            return out;
        };
        auto& token = delta.tokens.emplace_back();
        token.token = bytes_of(one);
        token.logprob = one["logprob"].as_double().value_or(0);
        for (const Value other : one["top_logprobs"].elements())
            token.top.emplace_back(bytes_of(other), other["logprob"].as_double().value_or(0));
    }
    sink.put(std::move(delta));
}

void EventReader::citation(Item& item, Value annotation, Sink sink) {
    if (annotation["type"].as_string() != "url_citation") return;
    item.cited = true;
    exchange::Citation citation;
    citation.url = annotation["url"].as_string();
    citation.title = annotation["title"].as_string();
    const auto place = [&](std::string_view key) {
        const auto at = annotation[key].as_int();
        return at && *at >= 0 && *at < INT32_MAX ? *at + item.part_begins : std::int64_t{-1};
    };
    citation.start = place("start_index");
    citation.end = place("end_index");
    sink.put(std::move(citation));
}

void EventReader::whole_item(Item& item, Value value, Sink sink) {
    item.done = true;
    if (item.type == Type::message) {
        whole_message(item, value, sink);
    } else if (item.type == Type::reasoning) {
        whole_reasoning(item, value, sink);
    } else if (item.type == Type::image) {
        whole_image(value, sink);
    } else {
        name_call(item, value, sink);
        if (!item.arguments)
            arguments(item, value[item.type == Type::custom_call ? "input" : "arguments"], sink);
    }
}

void EventReader::whole_message(Item& item, Value value, Sink sink) {
    const bool cited = item.cited;
    std::int64_t index = 0;
    for (const Value part : value["content"].elements()) {
        const std::int64_t at = index++;
        const bool seen = at >= 64 || (item.parts >> at & 1) != 0;
        if (!seen && part["type"].as_string() == "refusal") {
            refusal(item, {}, part["refusal"], sink);
        } else if (!seen && has_text(part["text"])) {
            item.part_begins = chars_;
            item.part = 0;
            text(item, {}, part["text"], sink);
            logprobs(part["logprobs"], sink);
        }
        if (cited) continue;
        for (const Value annotation : part["annotations"].elements()) citation(item, annotation, sink);
    }
}

void EventReader::whole_reasoning(Item& item, Value value, Sink sink) {
    if (item.thought == Item::Thought::none) {
        for (const Value part : value["content"].elements())
            thought(item, Item::Thought::text, {}, part["text"], sink);
    }
    if (item.thought == Item::Thought::none) {
        bool first = true;
        for (const Value part : value["summary"].elements()) {
            if (!first) item.part = -1;  // another one
            thought(item, Item::Thought::summary, {}, part["text"], sink);
            first = false;
        }
    }
    const Value sealed = value["encrypted_content"];
    if (!has_text(sealed)) return;
    any_thought_ = true;
    sink.put(exchange::ReasoningDelta{0, {}, text_of(sealed)});
}

void EventReader::whole_image(Value value, Sink sink) {
    if (!has_text(value["result"])) return;
    any_image_ = true;
    const auto format = value["output_format"].as_string();
    exchange::MediaDelta media;
    media.media_type = "image/" + (format.empty() ? "png" : std::string(format.substr(0, 16)));
    media.data = value["result"].as_string();
    sink.put(std::move(media));
}

}  // namespace hearth::wire::responses
