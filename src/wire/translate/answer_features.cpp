#include "wire/translate/answer_features.h"

#include <fmt/format.h>

#include "wire/translate/columns.h"

namespace hearth::wire {

namespace {

using namespace exchange;

// In the order of AnswerFeature; columns in the order of exchange::Dialect: openai, responses, anthropic, gemini, ollama,
// llama. The last, engine, is no client.
constexpr AnswerRow kAnswerTable[] = {
    {AnswerFeature::text,
     "text",
     "text",
     {kNative, kNative, kNative, kNative, kNative, kNative, kDropped},
     ""},
    {AnswerFeature::thinking,
     "thinking",
     "what the model thought",
     {kNative, kMapped, kNative, kNative, kNative, kDropped, kDropped},
     "responses: as a summary"},
    {AnswerFeature::thinking_signature,
     "thinking_signature",
     "signatures and encrypted thinking",
     {kDropped, kNative, kNative, kNative, kDropped, kDropped, kDropped},
     ""},
    {AnswerFeature::refusal,
     "refusal",
     "a refusal",
     {kNative, kNative, kMapped, kMapped, kMapped, kDropped, kDropped},
     "as text; anthropic: and as the reason for stopping"},
    {AnswerFeature::tool_call,
     "tool_call",
     "tool calls, several at once",
     {kNative, kNative, kNative, kNative, kNative, kDropped, kDropped},
     ""},
    {AnswerFeature::argument_pieces,
     "argument_pieces",
     "arguments as they are written",
     {kNative, kNative, kNative, kMapped, kMapped, kDropped, kDropped},
     "whole, when the call is complete",
     false},
    {AnswerFeature::call_id,
     "call_id",
     "the ids of calls",
     {kNative, kNative, kNative, kNative, kNative, kDropped, kDropped},
     "",
     false},
    {AnswerFeature::citation,
     "citation",
     "where the text comes from",
     {kMapped, kNative, kNative, kNative, kDropped, kDropped, kDropped},
     "openai: those with an address"},
    {AnswerFeature::media,
     "media",
     "pictures and sound that the model made",
     {kDropped, kNative, kDropped, kNative, kDropped, kDropped, kDropped},
     ""},
    {AnswerFeature::logprobs,
     "logprobs",
     "log-probabilities",
     {kNative, kNative, kDropped, kNative, kNative, kNative, kDropped},
     ""},
    {AnswerFeature::finish_length,
     "finish_length",
     "that the answer was cut at its limit",
     {kNative, kNative, kNative, kNative, kNative, kNative, kDropped},
     "",
     false},
    {AnswerFeature::finish_filter,
     "finish_filter",
     "that a filter stopped it",
     {kNative, kNative, kMapped, kNative, kMapped, kMapped, kDropped},
     "anthropic: refusal; ollama, llama: an ordinary end",
     false},
    {AnswerFeature::finish_pause,
     "finish_pause",
     "that the vendor's own tools are not done",
     {kMapped, kMapped, kNative, kMapped, kMapped, kMapped, kDropped},
     "an ordinary end",
     false},
    {AnswerFeature::stop_sequence,
     "stop_sequence",
     "which stop sequence matched",
     {kMapped, kMapped, kNative, kMapped, kMapped, kNative, kDropped},
     "an ordinary end",
     false},
    {AnswerFeature::tokens,
     "tokens",
     "tokens of the prompt and the answer",
     {kNative, kNative, kNative, kNative, kNative, kNative, kDropped},
     "",
     false},
    {AnswerFeature::cached_tokens,
     "cached_tokens",
     "how many of them came from a cache",
     {kNative, kNative, kNative, kNative, kDropped, kMapped, kDropped},
     "llama: in the timings",
     false},
    {AnswerFeature::cache_written_tokens,
     "cache_written_tokens",
     "how many were put into a cache",
     {kNative, kNative, kNative, kDropped, kDropped, kDropped, kDropped},
     "",
     false},
    {AnswerFeature::thinking_tokens,
     "thinking_tokens",
     "how many were thought",
     {kNative, kNative, kDropped, kNative, kDropped, kDropped, kDropped},
     "",
     false},
    {AnswerFeature::timings,
     "timings",
     "how long the engine took",
     {kNative, kDropped, kDropped, kDropped, kNative, kNative, kDropped},
     "",
     false},
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
    if (found.none()) return out;
    for (const auto& row : kAnswerTable) {
        const bool lost = row.to[static_cast<std::size_t>(client)] == Support::dropped;
        if (!lost || !row.told || !found[static_cast<std::size_t>(row.feature)]) continue;
        out.push_back(fmt::format("{}: {} not told to the client, whose dialect ({}) has no place for it",
                                  row.name, row.what, dialect_name(client)));
    }
    return out;
}

}  // namespace hearth::wire
