#pragma once
// What the pipeline must know of an answer that it otherwise passes on: read from streams (Relay, StreamDecoder) and
// from whole answers (UpstreamCodec::facts) alike.
#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "exchange/event.h"

namespace hearth::wire {

inline constexpr std::size_t kAnswerChoices =
    128;  // OpenAI's highest n; an index beyond it is an upstream's failure

struct AnswerFacts {
    std::int64_t events = 0;  // data events seen; 0 for a whole answer
    bool content = false;  // text, reasoning, refusal, tool call, audio or finish seen; a role alone is none
    bool done = false;     // [DONE] seen
    std::bitset<kAnswerChoices> choices;                                       // which were seen
    std::array<std::optional<exchange::FinishReason>, kAnswerChoices> finish;  // per choice
    std::optional<exchange::Usage> usage;                                      // the last one that was sent
    std::optional<exchange::Timings> timings;
    // An error event, an error in a 200 body, a cut, a broken stream. upstream_body holds the upstream's own JSON when
    // it is in OpenAI's shape.
    std::optional<Error> failure;

    // Finish reasons for every choice seen and for at least `expected` of them.
    [[nodiscard]] bool all_finished(std::int64_t expected) const;
};

void set_failure(AnswerFacts& facts, Code code, std::string message);

}  // namespace hearth::wire
