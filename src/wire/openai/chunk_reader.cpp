#include "wire/openai/chunk_reader.h"

#include <fmt/format.h>

#include "text/utf8.h"
#include "wire/lenient.h"

namespace hearth::wire::openai {

namespace {

using exchange::FinishReason;
using json::Value;

constexpr std::size_t kKeepBytes = 16 * 1024;  // an event larger than this leaves no buffers behind

bool has_text(Value value) {
    return value.is_string() && value.range().length > 2;  // more than its quotes
}

}  // namespace

bool read_failure(Value root, AnswerFacts& facts) {
    const Value error = root["error"];
    const bool vllm = root["object"].as_string() == "error";  // {"object":"error","message":…}
    const bool none =
        !error || error.is_null() || error.as_bool() == false || (error.is_string() && !has_text(error));
    if (none && !vllm) return false;
    std::string_view words =
        error.is_string() ? error.as_string() : (vllm ? root : error)["message"].as_string();
    const auto status = (vllm ? root : error)["code"].as_int();
    set_failure(facts, status == 429 ? Code::rate_limited : Code::upstream_failed,
                words.empty()
                    ? "The upstream reported an error without a message."
                    : fmt::format("The upstream reported an error: {}", text::printable(words, 500)));
    if (status && *status >= 400 && *status < 600) facts.failure->http_status = static_cast<int>(*status);
    if (error.is_object()) facts.failure->upstream_body = root.raw();
    return true;
}

void judge_end(AnswerFacts& facts, std::int64_t expected_choices) {
    if (facts.failure) return;
    if (facts.choices.none()) {
        set_failure(facts, Code::upstream_broken, "The upstream's stream ended without an answer.");
    } else if (!facts.done && !facts.all_finished(expected_choices)) {
        set_failure(facts, Code::upstream_broken,
                    fmt::format("The upstream's stream was cut after event {}, before a finish reason.",
                                facts.events));
    }
}

ChunkReader::Kind ChunkReader::read(const text::SseEvent& event, AnswerFacts& facts, Events* out) {
    const std::string_view data = trimmed(event.data);
    if (data.empty() || event.event == "ping") return Kind::nothing;
    if (data == "[DONE]") {
        facts.done = true;
        return Kind::done;
    }
    ++facts.events;
    if (out == nullptr && event.event.empty() && skeleton_.matches(data)) return Kind::chunk;
    const Value root = parse_event(document_, data, repaired_);
    if (root.is_object()) {
        if (event.event == "error" && !read_failure(root, facts)) {
            set_failure(facts, Code::upstream_failed, "The upstream sent an error event.");
        }
        const Kind kind = facts.failure ? Kind::failed : read_root(root, facts, out);
        const bool plain = kind == Kind::chunk && repaired_.empty() && out == nullptr && event.event.empty();
        const bool learnt = plain && data.size() <= kKeepBytes && learn(data, root, facts);
        // An image once in a stream, or events that from now on are matched by their pattern: give the memory back.
        if (learnt || data.size() > kKeepBytes) document_.clear(0);
        return kind;
    }
    set_failure(facts, event.event == "error" ? Code::upstream_failed : Code::upstream_broken,
                fmt::format("Event {} of the upstream's stream is not a JSON object.", facts.events));
    return Kind::failed;
}

// Like events change no fact but their number: content stays seen, a finish stays the first one. Only usage and timings
// are "the last one wins", so an event that tells them is not a pattern for others.
bool ChunkReader::learn(std::string_view data, Value root, const AnswerFacts& facts) {
    const Value content = root["choices"].at(0)["delta"]["content"];
    if (usage_here_ || !facts.content || !content.is_string()) return false;
    const Value padding = root["obfuscation"];
    skeleton_.learn(data, content, padding.is_string() ? padding : Value{});
    return true;
}

ChunkReader::Kind ChunkReader::read_root(Value root, AnswerFacts& facts, Events* out) {
    Value choices, usage, timings;
    usage_here_ = false;
    exchange::Started started;
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key();
        if (key == "choices") {
            choices = member.value;
        } else if (key == "usage") {
            usage = member.value;
        } else if (key == "timings") {
            timings = member.value;
        } else if (key == "error" || (key == "object" && member.value.as_string() == "error")) {
            if (read_failure(root, facts)) return Kind::failed;
        } else if (key == "x_groq") {
            if (!usage.is_object()) usage = member.value["usage"];
        } else if (out != nullptr && !started_) {
            if (key == "id") started.id = member.value.as_string();
            if (key == "model") started.model = member.value.as_string();
            if (key == "created") started.created_s = member.value.as_int().value_or(0);
        }
    }
    if (out != nullptr && !started_ && choices.size() > 0) {  // Azure begins with a chunk that has no id
        started_ = true;
        out->emplace_back(std::move(started));
    }
    std::size_t position = 0;
    for (const Value choice : choices.elements()) {
        if (!read_choice(choice, position++, facts, out)) return Kind::failed;
    }
    usage_here_ = usage_here_ || usage.is_object() || timings.is_object();
    read_usage(usage, facts);
    read_timings(timings, facts);
    return position == 0 && usage.is_object() ? Kind::usage_only : Kind::chunk;
}

bool ChunkReader::read_choice(Value choice, std::size_t position, AnswerFacts& facts, Events* out) {
    Value index, delta, body, finish, logprobs;
    for (const json::Member member : choice.members()) {
        const std::string_view key = member.key();
        if (key == "index") {
            index = member.value;
        } else if (key == "delta" || key == "message") {
            if (!delta.is_object()) delta = member.value;
        } else if (key == "text") {
            body = member.value;
        } else if (key == "finish_reason") {
            finish = member.value;
        } else if (key == "logprobs") {
            logprobs = member.value;
        } else if (key == "usage") {
            usage_here_ = usage_here_ || member.value.is_object();
            read_usage(member.value, facts);
        } else if (key == "error" && !member.value.is_null()) {  // OpenRouter
            if (read_failure(choice, facts)) {
                facts.failure->upstream_body.clear();
                return false;
            }
        }
    }
    const auto at = index && !index.is_null() ? index.as_int() : std::optional<std::int64_t>(position);
    if (!choice.is_object() || !at || *at < 0 || *at >= static_cast<std::int64_t>(kAnswerChoices)) {
        set_failure(facts, Code::upstream_broken,
                    "The upstream sent a choice that is none or has an impossible index.");
        return false;
    }
    const auto number = static_cast<std::int32_t>(*at);
    facts.choices.set(static_cast<std::size_t>(*at));
    if (delta && !read_delta(delta, number, facts, out)) return false;
    read_content(body, number, facts, out);
    if (out != nullptr && logprobs.is_object()) {
        if (auto tokens = read_logprobs(logprobs); !tokens.empty()) {
            out->emplace_back(exchange::LogprobsDelta{number, std::move(tokens)});
        }
    }
    const auto reason = parse_finish(finish.as_string());
    if (reason == FinishReason::error) {
        set_failure(facts, Code::upstream_failed,
                    "The upstream ended its answer with the finish reason 'error'.");
        return false;
    }
    auto& finished = facts.finish[static_cast<std::size_t>(*at)];
    if (reason && !finished) {
        finished = reason;
        facts.content = true;
        if (out != nullptr) out->emplace_back(exchange::Finish{number, *reason});
    }
    return true;
}

namespace {

void read_annotations(Value annotations, std::int32_t choice, ChunkReader::Events& out) {
    for (const Value one : annotations.elements()) {
        const Value cited = one["url_citation"];
        if (!cited.is_object()) continue;
        out.emplace_back(exchange::Citation{.choice = choice,
                                            .url = std::string(cited["url"].as_string()),
                                            .title = std::string(cited["title"].as_string()),
                                            .text = {},
                                            .start = cited["start_index"].as_int().value_or(-1),
                                            .end = cited["end_index"].as_int().value_or(-1)});
    }
}

}  // namespace

bool ChunkReader::read_delta(Value delta, std::int32_t choice, AnswerFacts& facts, Events* out) {
    Value content, thought, other_thought, refusal, calls, function, annotations;
    for (const json::Member member : delta.members()) {
        const std::string_view key = member.key();
        if (key == "content") {
            content = member.value;
        } else if (key == "reasoning_content") {
            thought = member.value;
        } else if (key == "reasoning") {
            other_thought = member.value;
        } else if (key == "refusal") {
            refusal = member.value;
        } else if (key == "tool_calls") {
            calls = member.value;
        } else if (key == "function_call") {
            function = member.value;
        } else if (key == "annotations") {
            facts.content = facts.content || member.value.size() > 0;
            annotations = member.value;
        } else if (key == "audio" || key == "images") {  // no form here, yet content
            facts.content = facts.content || member.value.size() > 0;
        }
    }
    if (!has_text(thought)) thought = other_thought;
    if (has_text(thought)) {
        facts.content = true;
        if (out != nullptr) {
            out->emplace_back(exchange::ReasoningDelta{choice, std::string(thought.as_string()), {}});
        }
    }
    read_content(content, choice, facts, out);
    if (out != nullptr) read_annotations(annotations, choice, *out);
    if (has_text(refusal)) {
        facts.content = true;
        if (out != nullptr)
            out->emplace_back(exchange::RefusalDelta{choice, std::string(refusal.as_string())});
    }
    if (!read_calls(calls, choice, facts, out)) return false;
    if (!function.is_object()) return true;
    facts.content = true;
    if (out != nullptr) {
        exchange::ToolCallDelta event{choice,
                                      0,
                                      {},
                                      std::string(function["name"].as_string()),
                                      std::string(function["arguments"].as_string())};
        if (!event.name.empty()) event.id = "call_fn_0";
        out->emplace_back(std::move(event));
    }
    return true;
}

// A string; or parts: {"type":"text","text":…}, {"type":"thinking","thinking":[{"type":"text","text":…}]} (Mistral).
void ChunkReader::read_content(Value content, std::int32_t choice, AnswerFacts& facts, Events* out) {
    if (has_text(content)) {
        facts.content = true;
        if (out != nullptr) out->emplace_back(exchange::TextDelta{choice, std::string(content.as_string())});
        return;
    }
    for (const Value part : content.elements()) {
        read_content(part["text"].is_string() ? part["text"] : Value{}, choice, facts, out);
        const Value thinking = part["thinking"];
        const auto think = [&](Value text) {
            if (!has_text(text)) return;
            facts.content = true;
            if (out != nullptr) {
                out->emplace_back(exchange::ReasoningDelta{choice, std::string(text.as_string()), {}});
            }
        };
        think(thinking);
        for (const Value piece : thinking.elements()) think(piece["text"]);
    }
}

}  // namespace hearth::wire::openai
