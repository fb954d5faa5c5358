// Answers, read.
#include "wire/llama/answer.h"

#include <fmt/format.h>

#include "wire/lenient.h"
#include "wire/llama/error.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::llama {

namespace {

using exchange::FinishReason;
using json::Value;
using Events = std::vector<exchange::Event>;

constexpr std::size_t kKeepBytes = 16 * 1024;  // an event larger than this leaves no buffers behind

std::optional<std::int64_t> count(Value value) {
    const auto found = value.as_int();
    return found && *found >= 0 && *found < std::int64_t{1} << 40 ? found : std::nullopt;
}

void add(std::optional<std::int64_t>& to, std::optional<std::int64_t> more) {
    if (more) to = to.value_or(0) + *more;
}

bool failed(Value root, AnswerFacts& facts) {
    if (!openai::read_failure(root, facts)) return false;
    read_context_size(root, *facts.failure);
    return true;
}

void read_end(Value root, std::size_t index, AnswerFacts& facts, Events& out) {
    exchange::Finish finish{static_cast<std::int32_t>(index), FinishReason::stop, {}};
    if (root["stop_type"].as_string() == "limit") finish.reason = FinishReason::length;
    finish.stop_sequence = root["stopping_word"].as_string();
    facts.content = true;
    facts.finish[index] = finish.reason;
    out.emplace_back(std::move(finish));
    auto usage = facts.usage.value_or(exchange::Usage{});
    add(usage.input, count(root["tokens_evaluated"]));
    add(usage.output, count(root["tokens_predicted"]));
    add(usage.cached_input, count(root["timings"]["cache_n"]));
    if (usage != exchange::Usage{}) facts.usage = usage;
    openai::read_timings(root["timings"], facts);
}

}  // namespace

bool read_object(Value root, AnswerFacts& facts, Events& out) {
    if (failed(root, facts)) return false;
    const auto index = root["index"] ? root["index"].as_int() : std::optional<std::int64_t>(0);
    if (!index || *index < 0 || *index >= static_cast<std::int64_t>(kAnswerChoices)) {
        set_failure(facts, Code::upstream_broken, "The upstream sent an answer with an impossible index.");
        return false;
    }
    const auto choice = static_cast<std::size_t>(*index);
    facts.choices.set(choice);
    if (const auto text = root["content"].as_string(); !text.empty()) {
        facts.content = true;
        out.emplace_back(exchange::TextDelta{static_cast<std::int32_t>(choice), std::string(text)});
    }
    if (const Value list = root["completion_probabilities"]; list.size() > 0)
        out.emplace_back(
            exchange::LogprobsDelta{static_cast<std::int32_t>(choice), openai::read_token_logprobs(list)});
    if (root["stop"].as_bool() == true && !facts.finish[choice]) read_end(root, choice, facts, out);
    return true;
}

Result<exchange::Answer> decode_answer(std::string_view body, json::Document& scratch) {
    const auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    AnswerFacts facts;
    Events events;
    exchange::Answer answer;
    const auto read = [&](Value one) -> Result<void> {
        const bool known = one["content"].is_string() || one["error"];
        if (!known) return fail(Code::upstream_failed, "The upstream's answer has no content.");
        if (!read_object(one, facts, events)) return fail(std::move(*facts.failure));
        if (answer.model.empty()) answer.model = one["model"].as_string();
        return {};
    };
    if (root->is_array()) {
        for (const Value one : root->elements()) {
            if (auto ok = read(one); !ok) return fail(std::move(ok.error()));
        }
    } else if (auto ok = read(*root); !ok) {
        return fail(std::move(ok.error()));
    }
    if (facts.choices.none()) return fail(Code::upstream_failed, "The upstream's answer is empty.");
    for (auto& event : events) exchange::fold(answer, std::move(event));
    if (answer.choices.empty()) answer.choices.resize(1);
    for (auto& choice : answer.choices) {  // response_fields may have left the end out
        if (!choice.finish) choice.finish = FinishReason::stop;
    }
    answer.usage = facts.usage.value_or(exchange::Usage{});
    answer.timings = facts.timings;
    answer.done = true;
    return answer;
}

void StreamDecoder::take(std::string_view data, Events& out) {
    if (data.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
    if (data == "[DONE]") {
        marked_ = true;
        return;
    }
    ++facts_.events;
    std::string repaired;
    const auto root = parse_event(document_, data, repaired);
    if (!root.is_object()) {
        set_failure(facts_, Code::upstream_broken,
                    fmt::format("Event {} of the upstream's stream is not a JSON object.", facts_.events));
        return;
    }
    if (!started_) {
        started_ = true;
        out.emplace_back(exchange::Started{{}, std::string(root["model"].as_string()), 0});
    }
    if (read_object(root, facts_, out)) facts_.done = facts_.all_finished(answers_);
    if (data.size() > kKeepBytes || !repaired.empty()) document_.clear(0);
}

void StreamDecoder::feed(std::string_view bytes, Events& out) {
    if (over()) return;
    decoder_.feed(bytes);
    text::SseEvent event;
    while (!over()) {
        const auto more = decoder_.next(event);
        if (!more) {
            facts_.failure = more.error();
            return;
        }
        if (!*more) return;
        take(event.data, out);
    }
}

void StreamDecoder::finish(Events& out) {
    if (!over() && !decoder_.unfinished().empty()) {
        const AnswerFacts before = facts_;
        const std::size_t had = out.size();
        decoder_.feed("\n\n");
        text::SseEvent event;
        const auto more = decoder_.next(event);
        if (more && *more) take(event.data, out);
        if (facts_.failure && facts_.failure->upstream_body.empty()) {  // the cut ran through this event
            facts_ = before;
            out.resize(had);
        }
    }
    openai::judge_end(facts_, answers_);
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    facts_.done = true;
    if (facts_.usage || facts_.timings) {
        out.emplace_back(exchange::UsageEvent{facts_.usage.value_or(exchange::Usage{}), facts_.timings});
    }
    out.emplace_back(exchange::Done{});
}

}  // namespace hearth::wire::llama
