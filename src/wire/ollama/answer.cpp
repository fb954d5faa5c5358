// Answers, read.
#include "wire/ollama/answer.h"

#include <fmt/format.h>

#include "base/fnv1a.h"
#include "wire/floats.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::ollama {

namespace {

using exchange::FinishReason;
using exchange::Kind;
using json::Value;
using Events = std::vector<exchange::Event>;

std::optional<std::int64_t> count(Value value) {
    const auto found = value.as_int();
    return found && *found >= 0 ? found : std::nullopt;
}

double ms_of(Value nanoseconds) {
    return std::max(nanoseconds.as_double().value_or(0), 0.0) / 1e6;
}

// An id for a call that came without one. The time of the answer is in it, so that the calls of one conversation differ.
std::string made_id(std::string_view created_at, std::int32_t number, std::string_view name) {
    return fmt::format("call_{:016x}{}", fnv1a(name, fnv1a(created_at)), number);
}

bool failed(Value root, AnswerFacts& facts) {
    if (!openai::read_failure(root, facts)) return false;
    auto& failure = *facts.failure;
    if (const auto status = root["status_code"].as_int(); status && *status >= 400 && *status < 600) {
        failure.http_status = static_cast<int>(*status);
        if (*status == 429) failure.code = Code::rate_limited;
    }
    failure.upstream_body = root.raw();
    return true;
}

Result<exchange::Answer> decode_embeddings(Value root) {
    exchange::Answer answer;
    answer.model = root["model"].as_string();
    const auto add = [&](Value vector) -> Result<void> {
        auto values = read_floats(vector, "The upstream's embedding is not an array of numbers.");
        if (!values) return fail(std::move(values.error()));
        answer.embeddings.push_back(
            {static_cast<std::int32_t>(answer.embeddings.size()), std::move(*values)});
        return {};
    };
    if (const Value one = root["embedding"]; one.is_array()) {
        if (auto ok = add(one); !ok) return fail(std::move(ok.error()));
    } else if (!root["embeddings"].is_array()) {
        return fail(Code::upstream_failed, "The upstream's answer has no embeddings.");
    }
    for (const Value one : root["embeddings"].elements()) {
        if (auto ok = add(one); !ok) return fail(std::move(ok.error()));
    }
    answer.usage.input = count(root["prompt_eval_count"]);
    answer.done = true;
    return answer;
}

}  // namespace

bool AnswerReader::read_calls(Value calls, std::string_view created_at, AnswerFacts& facts, Events& out) {
    for (const Value call : calls.elements()) {
        const Value inner = call["function"];
        if (!inner.is_object() || calls_ >= openai::kAnswerCalls) {
            set_failure(facts, Code::upstream_broken,
                        "The upstream sent a tool call that is none, or too many of them.");
            return false;
        }
        exchange::ToolCallDelta event;
        event.call = calls_++;
        event.name = inner["name"].as_string();
        event.id = call["id"].as_string();
        if (event.id.empty()) event.id = made_id(created_at, event.call, event.name);
        const Value arguments = inner["arguments"];
        event.arguments = arguments.is_object() ? arguments.raw() : arguments.as_string();
        if (event.arguments.empty()) event.arguments = "{}";
        out.emplace_back(std::move(event));
        facts.content = true;
    }
    return true;
}

void AnswerReader::read_end(Value root, AnswerFacts& facts, Events& out) const {
    facts.content = facts.done = true;
    FinishReason reason = calls_ > 0 ? FinishReason::tool_calls : FinishReason::stop;
    if (root["done_reason"].as_string() == "length") reason = FinishReason::length;
    facts.finish[0] = reason;
    exchange::Usage usage;
    usage.input = count(root["prompt_eval_count"]);
    usage.output = count(root["eval_count"]);
    if (usage != exchange::Usage{}) facts.usage = usage;
    if (root["eval_duration"].is_number() || root["prompt_eval_duration"].is_number()) {
        exchange::Timings timings;
        timings.prompt_n = usage.input.value_or(0);
        timings.predicted_n = usage.output.value_or(0);
        timings.prompt_ms = ms_of(root["prompt_eval_duration"]);
        timings.predicted_ms = ms_of(root["eval_duration"]);
        facts.timings = timings;
    }
    out.emplace_back(exchange::Finish{0, reason, {}});
}

bool AnswerReader::read(Value root, AnswerFacts& facts, Events& out) {
    if (failed(root, facts)) return false;
    const Value message = root["message"];
    const Value from = message.is_object() ? message : root;
    const Value text = message.is_object() ? message["content"] : root["response"];
    facts.choices.set(0);
    if (const auto thinking = from["thinking"].as_string(); !thinking.empty()) {
        facts.content = true;
        out.emplace_back(exchange::ReasoningDelta{0, std::string(thinking), {}});
    }
    if (!text.as_string().empty()) {
        facts.content = true;
        out.emplace_back(exchange::TextDelta{0, std::string(text.as_string())});
    }
    if (root["logprobs"].size() > 0)
        out.emplace_back(exchange::LogprobsDelta{0, openai::read_token_logprobs(root["logprobs"])});
    if (!read_calls(from["tool_calls"], root["created_at"].as_string(), facts, out)) return false;
    if (root["done"].as_bool() == true) read_end(root, facts, out);
    return true;
}

Result<exchange::Answer> decode_answer(Kind kind, std::string_view body, json::Document& scratch) {
    const auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    if (!root->is_object()) return fail(Code::upstream_failed, "The upstream's answer is not a JSON object.");
    AnswerFacts facts;
    if (failed(*root, facts)) return fail(std::move(*facts.failure));
    if (kind == Kind::embedding) return decode_embeddings(*root);
    if (!(*root)["message"].is_object() && !(*root)["response"].is_string())
        return fail(Code::upstream_failed, "The upstream's answer has neither a message nor a response.");
    Events events;
    AnswerReader reader;
    if (!reader.read(*root, facts, events)) return fail(std::move(*facts.failure));
    exchange::Answer answer;
    answer.model = (*root)["model"].as_string();
    answer.choices.resize(1);
    for (auto& event : events) exchange::fold(answer, std::move(event));
    if (!answer.choices[0].finish) answer.choices[0].finish = FinishReason::stop;
    answer.usage = facts.usage.value_or(exchange::Usage{});
    answer.timings = facts.timings;
    answer.done = true;
    return answer;
}

}  // namespace hearth::wire::ollama
