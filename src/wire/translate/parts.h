#pragma once
// Inside this folder: the steps of translate_request(), each on the copy that goes out.
#include "wire/dialects.h"
#include "wire/opaque.h"
#include "wire/translate/translate.h"

namespace hearth::wire {

struct Translation {
    Translation(const Target& to, exchange::Dialect from)
        : target(to), source(from), source_row(dialect_row(from)), target_row(dialect_row(to.dialect)) {}
    const Target& target;
    const exchange::Dialect source;
    const DialectRow &source_row, &target_row;
    // Whether the target may be sent it: its own, and not what it has just refused.
    [[nodiscard]] bool carries(const exchange::Opaque& opaque) const {
        return !target.without_opaque && may_carry(opaque, target.provider, source, target.dialect);
    }
    // The target wants OpenAI's schemas, and the source does not write them.
    [[nodiscard]] bool needs_openai_schemas() const {
        return target_row.rules.openai_schemas && !source_row.rules.openai_schemas;
    }
    [[nodiscard]] Support support(Feature feature) const { return (*target_row.requests)[feature].support; }
};

// tools.cpp: hosted tools are removed, deferred ones wait until they are referenced, custom ones become functions.
// Adds a warning where a strict schema is none for the target.
void translate_tools(const Translation& translation, exchange::Chat& chat,
                     std::vector<std::string>& warnings);
// turns.cpp: parts that the target does not support, opaque state that is not its own.
void translate_turns(const Translation& translation, exchange::Chat& chat);

// The one string that stands for a custom tool's input, as a function's arguments: {"input":"..."}.
[[nodiscard]] std::string wrap_input(std::string_view input);

}  // namespace hearth::wire
