#include "wire/answer_features.h"

#include <fmt/format.h>

namespace hearth::wire {

namespace {

using namespace exchange;

constexpr auto kKept = Fate::kept;
constexpr auto kMapped = Fate::mapped;
constexpr auto kLost = Fate::lost;

// In the order of AnswerFeature; columns in the order of exchange::Dialect: openai, responses, anthropic, gemini, ollama,
// llama. The last, engine, is no client.
constexpr AnswerRow kAnswerTable[] = {
    {AnswerFeature::text, "text", "text", {kKept, kKept, kKept, kKept, kKept, kKept, kLost}, ""},
    {AnswerFeature::thinking,
     "thinking",
     "what the model thought",
     {kKept, kMapped, kKept, kKept, kKept, kLost, kLost},
     "responses: as a summary"},
    {AnswerFeature::thinking_signature,
     "thinking_signature",
     "signatures and encrypted thinking",
     {kLost, kKept, kKept, kKept, kLost, kLost, kLost},
     ""},
    {AnswerFeature::refusal,
     "refusal",
     "a refusal",
     {kKept, kKept, kMapped, kMapped, kMapped, kLost, kLost},
     "as text; anthropic: and as the reason for stopping"},
    {AnswerFeature::tool_call,
     "tool_call",
     "tool calls, several at once",
     {kKept, kKept, kKept, kKept, kKept, kLost, kLost},
     ""},
    {AnswerFeature::argument_pieces,
     "argument_pieces",
     "arguments as they are written",
     {kKept, kKept, kKept, kMapped, kMapped, kLost, kLost},
     "whole, when the call is complete",
     false},
    {AnswerFeature::call_id,
     "call_id",
     "the ids of calls",
     {kKept, kKept, kKept, kKept, kKept, kLost, kLost},
     "",
     false},
    {AnswerFeature::citation,
     "citation",
     "where the text comes from",
     {kMapped, kKept, kKept, kKept, kLost, kLost, kLost},
     "openai: those with an address"},
    {AnswerFeature::media,
     "media",
     "pictures and sound that the model made",
     {kLost, kKept, kLost, kKept, kLost, kLost, kLost},
     ""},
    {AnswerFeature::logprobs,
     "logprobs",
     "log-probabilities",
     {kKept, kKept, kLost, kKept, kKept, kKept, kLost},
     ""},
    {AnswerFeature::finish_length,
     "finish_length",
     "that the answer was cut at its limit",
     {kKept, kKept, kKept, kKept, kKept, kKept, kLost},
     "",
     false},
    {AnswerFeature::finish_filter,
     "finish_filter",
     "that a filter stopped it",
     {kKept, kKept, kMapped, kKept, kMapped, kMapped, kLost},
     "anthropic: refusal; ollama, llama: an ordinary end",
     false},
    {AnswerFeature::finish_pause,
     "finish_pause",
     "that the vendor's own tools are not done",
     {kMapped, kMapped, kKept, kMapped, kMapped, kMapped, kLost},
     "an ordinary end",
     false},
    {AnswerFeature::stop_sequence,
     "stop_sequence",
     "which stop sequence matched",
     {kMapped, kMapped, kKept, kMapped, kMapped, kKept, kLost},
     "an ordinary end",
     false},
    {AnswerFeature::tokens,
     "tokens",
     "tokens of the prompt and the answer",
     {kKept, kKept, kKept, kKept, kKept, kKept, kLost},
     "",
     false},
    {AnswerFeature::cached_tokens,
     "cached_tokens",
     "how many of them came from a cache",
     {kKept, kKept, kKept, kKept, kLost, kMapped, kLost},
     "llama: in the timings",
     false},
    {AnswerFeature::cache_written_tokens,
     "cache_written_tokens",
     "how many were put into a cache",
     {kKept, kKept, kKept, kLost, kLost, kLost, kLost},
     "",
     false},
    {AnswerFeature::thinking_tokens,
     "thinking_tokens",
     "how many were thought",
     {kKept, kKept, kLost, kKept, kLost, kLost, kLost},
     "",
     false},
    {AnswerFeature::timings,
     "timings",
     "how long the engine took",
     {kKept, kLost, kLost, kLost, kKept, kKept, kLost},
     "",
     false},
};

consteval bool in_order() {
    for (std::size_t i = 0; i < std::size(kAnswerTable); ++i) {
        if (static_cast<std::size_t>(kAnswerTable[i].feature) != i) return false;
    }
    return std::size(kAnswerTable) == kAnswerFeatures;
}
static_assert(in_order());

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
    if (found.none()) return out;
    for (const auto& row : kAnswerTable) {
        const bool lost = row.to[static_cast<std::size_t>(client)] == Fate::lost;
        if (!lost || !row.told || !found[static_cast<std::size_t>(row.feature)]) continue;
        out.push_back(fmt::format("{}: {} not told to the client, whose dialect ({}) has no place for it",
                                  row.name, row.what, dialect_name(client)));
    }
    return out;
}

}  // namespace hearth::wire
