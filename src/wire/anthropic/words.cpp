#include "wire/anthropic/words.h"

#include <algorithm>

namespace hearth::wire::anthropic {

namespace {

using exchange::FinishReason;

struct StopWord {
    std::string_view word;
    FinishReason reason;
};
constexpr StopWord kStopWords[] = {
    {"end_turn", FinishReason::stop},          {"stop_sequence", FinishReason::stop},
    {"max_tokens", FinishReason::length},      {"model_context_window_exceeded", FinishReason::length},
    {"tool_use", FinishReason::tool_calls},    {"pause_turn", FinishReason::pause},
    {"refusal", FinishReason::content_filter},
};

constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;  // so that sums cannot overflow

std::optional<std::int64_t> count(json::Value value) {
    const auto found = value.as_int();
    return found && *found >= 0 && *found <= kMostTokens ? found : std::nullopt;
}

}  // namespace

std::optional<FinishReason> parse_stop(std::string_view word) {
    if (word.empty()) return std::nullopt;
    const auto found = std::ranges::find(kStopWords, word, &StopWord::word);
    return found == std::end(kStopWords) ? FinishReason::stop : found->reason;
}

std::string_view stop_word(FinishReason reason, const StopFacts& facts) {
    switch (reason) {
        case FinishReason::length:
            return "max_tokens";
        case FinishReason::tool_calls:
            return "tool_use";
        case FinishReason::content_filter:
            return "refusal";
        case FinishReason::pause:
            return "pause_turn";
        case FinishReason::error:
        case FinishReason::stop:
            break;
    }
    if (facts.refused) return "refusal";
    if (facts.called) return "tool_use";  // Gemini and Ollama say "stop" of these
    return facts.sequence ? "stop_sequence" : "end_turn";
}

void UsageReader::read(json::Value usage) {
    if (!usage.is_object()) return;
    const auto plain = count(usage["input_tokens"]), read = count(usage["cache_read_input_tokens"]),
               written = count(usage["cache_creation_input_tokens"]);
    const bool knew = plain_.value_or(0) + read_.value_or(0) + written_.value_or(0) > 0;
    if (!knew || plain.value_or(0) + read.value_or(0) + written.value_or(0) > 0) {
        if (plain) plain_ = plain;
        if (read) read_ = read;
        if (written) written_ = written;
    }
    const auto output = count(usage["output_tokens"]);
    if (output && (*output > 0 || !output_)) output_ = output;
    const auto thinking = count(usage["output_tokens_details"]["thinking_tokens"]);
    if (thinking) thinking_ = thinking;
}

std::optional<exchange::Usage> UsageReader::usage() const {
    if (!plain_ && !read_ && !written_ && !output_) return std::nullopt;
    exchange::Usage out;
    if (plain_ || read_ || written_)
        out.input = plain_.value_or(0) + read_.value_or(0) + written_.value_or(0);
    out.cached_input = read_;
    out.cache_write_input = written_;
    out.output = output_;
    out.reasoning_output = thinking_;
    return out;
}

void write_usage(json::Writer& w, const exchange::Usage& usage, bool must_count) {
    w.begin_object();
    const auto cached = usage.cached_input.value_or(0), written = usage.cache_write_input.value_or(0);
    if (usage.input || must_count) {
        w.member("input_tokens", std::max<std::int64_t>(usage.input.value_or(0) - cached - written, 0));
        w.member("cache_creation_input_tokens", written).member("cache_read_input_tokens", cached);
    }
    w.member("output_tokens", usage.output.value_or(0));
    if (usage.reasoning_output) {
        w.key("output_tokens_details").begin_object();
        w.member("thinking_tokens", *usage.reasoning_output).end_object();
    }
    w.end_object();
}

}  // namespace hearth::wire::anthropic
