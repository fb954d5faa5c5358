#pragma once
// The features of an answer that dialects support differently, as features.h has those of requests; tests hold the columns
// against what the encoders write. What is dropped stands in the ledger, and in a header where the answer is not streamed.
//
// Facts: the vendors' API references named in exchange/request.h.
#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "wire/translate/features.h"

namespace hearth::wire {

enum class AnswerFeature : std::uint8_t {
    text,
    thinking,
    thinking_signature,
    refusal,
    tool_call,
    argument_pieces,
    call_id,
    citation,
    media,
    logprobs,
    finish_length,
    finish_filter,
    finish_pause,
    stop_sequence,
    tokens,
    cached_tokens,
    cache_written_tokens,
    thinking_tokens,
    timings,
};
inline constexpr std::size_t kAnswerFeatures = 19;

struct AnswerRow {
    AnswerFeature feature;
    std::string_view name;  // "citation": also the warning's code
    std::string_view what;  // for people, as a sentence's object
    std::string_view how;   // how it is mapped, where a dialect's column does not say otherwise
    bool warns = true;      // false: dropping it is no warning, for the ledger holds it itself
};
[[nodiscard]] std::span<const AnswerRow> answer_table();

using AnswerFeatures = std::bitset<kAnswerFeatures>;
// Adds what `event` holds.
void find(const exchange::Event& event, AnswerFeatures& found);
// Of what was found, a warning for each feature that a client of that dialect does not get: "citation: ... dropped, ...".
[[nodiscard]] std::vector<std::string> losses(const AnswerFeatures& found, exchange::Dialect client);

}  // namespace hearth::wire
