#include "wire/translate/answer_features.h"

#include <fmt/format.h>

#include "wire/dialects.h"

namespace hearth::wire {

namespace {

using namespace exchange;

// In the order of AnswerFeature.
constexpr AnswerRow kAnswerTable[] = {
    {AnswerFeature::text, "text", "text", ""},
    {AnswerFeature::thinking, "thinking", "thinking", ""},
    {AnswerFeature::thinking_signature, "thinking_signature", "signatures and encrypted thinking", ""},
    {AnswerFeature::refusal, "refusal", "a refusal", "as text"},
    {AnswerFeature::tool_call, "tool_call", "tool calls", ""},
    {AnswerFeature::argument_pieces, "argument_pieces", "tool arguments as they are generated",
     "whole, when the call is complete", false},
    {AnswerFeature::call_id, "call_id", "tool call IDs", "", false},
    {AnswerFeature::citation, "citation", "citations", ""},
    {AnswerFeature::media, "media", "generated images and audio", ""},
    {AnswerFeature::logprobs, "logprobs", "log-probabilities", ""},
    {AnswerFeature::finish_length, "finish_length", "the finish reason: token limit", "", false},
    {AnswerFeature::finish_filter, "finish_filter", "the finish reason: content filter", "", false},
    {AnswerFeature::finish_pause, "finish_pause", "the finish reason: hosted tools unfinished",
     "as an ordinary end", false},
    {AnswerFeature::stop_sequence, "stop_sequence", "the stop sequence that matched", "as an ordinary end",
     false},
    {AnswerFeature::tokens, "tokens", "token counts of prompt and answer", "", false},
    {AnswerFeature::cached_tokens, "cached_tokens", "the count of cached tokens", "", false},
    {AnswerFeature::cache_written_tokens, "cache_written_tokens", "the count of tokens written to a cache",
     "", false},
    {AnswerFeature::thinking_tokens, "thinking_tokens", "the count of thinking tokens", "", false},
    {AnswerFeature::timings, "timings", "timings of the engine", "", false},
};

consteval bool answers_in_order() {
    for (std::size_t i = 0; i < std::size(kAnswerTable); ++i) {
        if (static_cast<std::size_t>(kAnswerTable[i].feature) != i) return false;
    }
    return std::size(kAnswerTable) == kAnswerFeatures;
}
static_assert(answers_in_order());

struct AnswerFinder {
    AnswerFeatures& found;

    void set(AnswerFeature feature, bool yes = true) const {
        if (yes) found.set(static_cast<std::size_t>(feature));
    }
    void operator()(const Started&) const {}
    void operator()(const TextDelta& e) const { set(AnswerFeature::text, !e.text.empty()); }
    void operator()(const ReasoningDelta& e) const {
        set(AnswerFeature::thinking, !e.text.empty());
        set(AnswerFeature::thinking_signature, !e.opaque.empty());
    }
    void operator()(const RefusalDelta& e) const { set(AnswerFeature::refusal, !e.text.empty()); }
    void operator()(const ToolCallDelta& e) const {
        set(AnswerFeature::tool_call);
        set(AnswerFeature::call_id, !e.id.empty());
        set(AnswerFeature::argument_pieces, e.id.empty() && e.name.empty());
        set(AnswerFeature::thinking_signature, !e.opaque.empty());
    }
    void operator()(const Citation&) const { set(AnswerFeature::citation); }
    void operator()(const MediaDelta&) const { set(AnswerFeature::media); }
    void operator()(const LogprobsDelta&) const { set(AnswerFeature::logprobs); }
    void operator()(const Finish& e) const {
        set(AnswerFeature::finish_length, e.reason == FinishReason::length);
        set(AnswerFeature::finish_filter, e.reason == FinishReason::content_filter);
        set(AnswerFeature::finish_pause, e.reason == FinishReason::pause);
        set(AnswerFeature::stop_sequence, !e.stop_sequence.empty());
    }
    void operator()(const EmbeddingVector&) const {}
    void operator()(const RerankScore&) const {}
    void operator()(const UsageEvent& e) const {
        set(AnswerFeature::tokens, e.usage.input || e.usage.output);
        set(AnswerFeature::cached_tokens, e.usage.cached_input.has_value());
        set(AnswerFeature::cache_written_tokens, e.usage.cache_write_input.has_value());
        set(AnswerFeature::thinking_tokens, e.usage.reasoning_output.has_value());
        set(AnswerFeature::timings, e.timings.has_value());
    }
    void operator()(const Error&) const {}
    void operator()(const Done&) const {}
};

}  // namespace

std::span<const AnswerRow> answer_table() {
    return kAnswerTable;
}

void find(const Event& event, AnswerFeatures& found) {
    std::visit(AnswerFinder{found}, event);
}

std::vector<std::string> losses(const AnswerFeatures& found, Dialect client) {
    std::vector<std::string> out;
    const auto* const column = found.any() ? dialect_row(client).answers : nullptr;
    if (!column) return out;
    for (const auto& row : kAnswerTable) {
        const bool dropped = (*column)[row.feature].support == Support::dropped;
        if (!dropped || !row.warns || !found[static_cast<std::size_t>(row.feature)]) continue;
        out.push_back(fmt::format("{}: {} dropped, the client's dialect ({}) does not support it", row.name,
                                  row.what, dialect_name(client)));
    }
    return out;
}

}  // namespace hearth::wire
