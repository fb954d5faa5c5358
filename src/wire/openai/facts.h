#pragma once
// What the road must know of an answer that it otherwise passes on: read from streams (relay.h,
// stream_decoder.h) and from whole answers (answer.h) alike.
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/limits.h"
#include "exchange/event.h"

namespace hearth::wire::openai {

struct AnswerFacts {
    std::int64_t events = 0;  // data events seen; 0 for a whole answer
    bool content = false;     // text, reasoning, refusal, tool call or finish seen; a role alone is none
    bool done = false;        // [DONE] seen
    std::uint32_t choices_seen = 0;  // bit i: choice i was seen
    std::array<std::optional<exchange::FinishReason>, limits::kChoices> finish;
    std::optional<exchange::Usage> usage;  // the last one that was sent
    std::optional<exchange::Timings> timings;
    std::optional<Error> failure;  // an error event, an error in a 200 body, a cut, a broken stream

    // Finish reasons for every choice seen and for at least `expected` of them.
    [[nodiscard]] bool all_finished(std::int64_t expected) const;
};

}  // namespace hearth::wire::openai
