// Small pieces of answers: usage, timings, finish reasons, facts.
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

namespace {

using exchange::FinishReason;

std::optional<std::int64_t> count(json::Value value) {
    const auto found = value.as_int();
    return found && *found >= 0 ? found : std::nullopt;
}

std::optional<std::int64_t> first_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a ? a : b;
}

struct FinishWord {
    std::string_view word;
    FinishReason reason;
};
// OpenAI's words first; then those that compatible vendors let through from their own dialects.
constexpr FinishWord kFinishWords[] = {
    {"stop", FinishReason::stop},
    {"length", FinishReason::length},
    {"tool_calls", FinishReason::tool_calls},
    {"content_filter", FinishReason::content_filter},
    {"function_call", FinishReason::tool_calls},
    {"error", FinishReason::error},
    {"insufficient_system_resource", FinishReason::error},  // DeepSeek
    {"model_length", FinishReason::length},                 // Mistral
    {"max_tokens", FinishReason::length},
    {"tool_use", FinishReason::tool_calls},
    {"refusal", FinishReason::content_filter},
    {"safety", FinishReason::content_filter},
};

}  // namespace

void read_usage(json::Value usage, AnswerFacts& facts) {
    if (!usage.is_object()) return;
    exchange::Usage out;
    std::optional<std::int64_t> total;
    for (const json::Member member : usage.members()) {
        const std::string_view key = member.key();
        const json::Value value = member.value;
        if (key == "prompt_tokens") {
            out.input = count(value);
        } else if (key == "completion_tokens") {
            out.output = count(value);
        } else if (key == "prompt_tokens_details") {
            out.cached_input = first_of(count(value["cached_tokens"]), out.cached_input);
            out.cache_write_input = count(value["cache_write_tokens"]);  // OpenRouter
        } else if (key == "completion_tokens_details") {
            out.reasoning_output = count(value["reasoning_tokens"]);
        } else if (key == "total_tokens") {
            total = count(value);
        } else if (key == "prompt_cache_hit_tokens" || key == "cached_tokens") {  // DeepSeek, Moonshot
            out.cached_input = first_of(out.cached_input, count(value));
        }
    }
    // xAI and Gemini's compatible API leave the thinking out of completion_tokens, though it is paid for as output: the
    // total tells.
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    if (total && out.input && out.output && *total < kMost && *out.input < kMost && *out.output < kMost &&
        *total > *out.input + *out.output) {
        if (!out.reasoning_output) out.reasoning_output = *total - *out.input - *out.output;
        out.output = *total - *out.input;
    }
    facts.usage = out;
}

void read_timings(json::Value timings, AnswerFacts& facts) {
    if (!timings.is_object()) return;
    exchange::Timings out;
    out.cache_n = count(timings["cache_n"]).value_or(0);
    out.prompt_n = count(timings["prompt_n"]).value_or(0);
    out.predicted_n = count(timings["predicted_n"]).value_or(0);
    out.prompt_ms = timings["prompt_ms"].as_double().value_or(0);
    out.predicted_ms = timings["predicted_ms"].as_double().value_or(0);
    facts.timings = out;
}

std::optional<FinishReason> parse_finish(std::string_view word) {
    if (word.empty()) return std::nullopt;
    const auto found = std::ranges::find(kFinishWords, word, &FinishWord::word);
    return found == std::end(kFinishWords) ? FinishReason::stop
                                           : found->reason;  // "eos", "end_turn" and the like
}

std::string_view finish_word(FinishReason reason) {
    switch (reason) {
        case FinishReason::length:
            return "length";
        case FinishReason::tool_calls:
            return "tool_calls";
        case FinishReason::content_filter:
            return "content_filter";
        case FinishReason::error:
            return "error";
        case FinishReason::pause:
        case FinishReason::stop:
            break;
    }
    return "stop";
}

}  // namespace hearth::wire::openai
