// Pieces of a response that need no state: counts of tokens, reasons, log-probabilities.
#include <algorithm>

#include "wire/gemini/chunk_reader.h"
#include "wire/gemini/fields.h"

namespace hearth::wire::gemini {

using exchange::FinishReason;
using json::Value;

namespace {

std::optional<std::int64_t> count(Value usage, std::string_view name) {
    const auto number = field(usage, name).as_int();
    return number && *number >= 0 ? number : std::nullopt;
}

std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    if (!a || !b) return a ? a : b;
    std::int64_t out = 0;
    return __builtin_add_overflow(*a, *b, &out) ? std::nullopt : std::optional(out);
}

}  // namespace

std::optional<FinishReason> reason_of(std::string_view word) {
    if (word.empty() || word == "FINISH_REASON_UNSPECIFIED") return std::nullopt;
    if (word == "MAX_TOKENS") return FinishReason::length;
    static constexpr std::string_view kFiltered[] = {"SAFETY",
                                                     "RECITATION",
                                                     "LANGUAGE",
                                                     "BLOCKLIST",
                                                     "SPII",
                                                     "PROHIBITED_CONTENT",
                                                     "IMAGE_SAFETY",
                                                     "IMAGE_RECITATION",
                                                     "IMAGE_PROHIBITED_CONTENT"};
    if (std::ranges::find(kFiltered, word) != std::end(kFiltered)) return FinishReason::content_filter;
    static constexpr std::string_view kSpoilt[] = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",
                                                   "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE",
                                                   "MISSING_THOUGHT_SIGNATURE"};
    if (std::ranges::find(kSpoilt, word) != std::end(kSpoilt)) return FinishReason::error;
    return FinishReason::stop;
}

std::vector<exchange::TokenLogprob> read_logprobs(Value result) {
    std::vector<exchange::TokenLogprob> out;
    const Value top = field(result, "topCandidates");
    auto others = top.elements();
    auto other = others.begin();
    for (const Value chosen : field(result, "chosenCandidates").elements()) {
        auto& token = out.emplace_back();
        token.token = field(chosen, "token").as_string();
        token.logprob = field(chosen, "logProbability").as_double().value_or(0);
        if (other == others.end()) continue;
        for (const Value one : field(*other, "candidates").elements()) {
            token.top.emplace_back(field(one, "token").as_string(),
                                   field(one, "logProbability").as_double().value_or(0));
        }
        ++other;
    }
    return out;
}

void read_usage(Value usage, AnswerFacts& facts) {
    if (!usage.is_object()) return;
    exchange::Usage out;
    const auto prompt = sum(count(usage, "promptTokenCount"), count(usage, "toolUsePromptTokenCount"));
    const auto thoughts = count(usage, "thoughtsTokenCount");
    const auto total = count(usage, "totalTokenCount");
    out.input = prompt;
    out.cached_input = count(usage, "cachedContentTokenCount");
    out.reasoning_output = thoughts;
    out.output = sum(count(usage, "candidatesTokenCount"), thoughts);
    if (!out.output && total && prompt && *total >= *prompt) out.output = *total - *prompt;
    facts.usage = out;
}

}  // namespace hearth::wire::gemini
