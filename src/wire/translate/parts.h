#pragma once
// Inside this folder: the steps of cross.h's translate_request(), each on the copy that goes out.
#include "wire/opaque.h"
#include "wire/translate/features.h"
#include "wire/translate/translate.h"

namespace hearth::wire {

struct Translation {
    const Target& target;
    exchange::Dialect source;
    // Whether the target may be sent it: its own, and not what it has just refused.
    [[nodiscard]] bool carries(const exchange::Opaque& opaque) const {
        return !target.without_opaque && may_carry(opaque, target.provider, source, target.dialect);
    }
    // From another vendor's dialect to one of OpenAI's.
    [[nodiscard]] bool enters_openai() const {
        const auto one_of = [](exchange::Dialect d) {
            return d == exchange::Dialect::openai || d == exchange::Dialect::responses;
        };
        return one_of(target.dialect) && !one_of(source);
    }
    [[nodiscard]] Support support(Feature feature) const {
        return row_of(feature).to[static_cast<std::size_t>(target.dialect)];
    }
};

// cross_tools.cpp: hosted tools go, deferred ones wait for their name, custom ones become functions.
// Adds a warning where a strict schema is none for the target.
void cross_tools(const Translation& translation, exchange::Chat& chat, std::vector<std::string>& warnings);
// cross_turns.cpp: parts that the target has no words for, opaque state that is not its own.
void cross_turns(const Translation& translation, exchange::Chat& chat);
// cross_local.cpp: what the engine needs so that a prompt's beginning stays the same from turn to turn.
void settle_for_engine(exchange::Chat& chat);

// The one string that stands for a custom tool's input, as a function's arguments: {"input":"..."}.
[[nodiscard]] std::string wrap_input(std::string_view input);

}  // namespace hearth::wire
