#pragma once
// What becomes of each thing that an answer can hold on its way to a client of each dialect: the table that
// `hearth dialects` prints beside the one of requests (features.h), that docs/dialects.md is made from and that tests hold
// against what the encoders write. What is lost is told in the ledger, and in a header where the answer is not streamed.
//
// Facts: the vendors' API references named in exchange/request.h.
#include <array>
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
    std::array<Support, exchange::kDialects>
        to;                 // by the client's dialect; never refused, the model has answered
    std::string_view note;  // how it is mapped
    bool told = true;       // false: its loss is no warning, for the ledger holds it itself
};
[[nodiscard]] std::span<const AnswerRow> answer_table();

using AnswerFeatures = std::bitset<kAnswerFeatures>;
// Adds what `event` holds.
void find(const exchange::Event& event, AnswerFeatures& found);
// Of what was found, a warning for each thing that a client of `client` is not told: "citation: ... not told, ...".
[[nodiscard]] std::vector<std::string> losses(const AnswerFeatures& found, exchange::Dialect client);

}  // namespace hearth::wire
