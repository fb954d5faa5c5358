#pragma once
// Inside conversations*.cpp: the pieces of a random chat.
#include <optional>
#include <vector>

#include "exchange/request.h"
#include "wire/translate/features.h"

namespace wire_test {

struct Wish {
    hearth::exchange::Dialect client;
    hearth::wire::Features wanted;
    [[nodiscard]] bool wants(hearth::wire::Feature feature) const {
        return wanted[static_cast<std::size_t>(feature)];
    }
    [[nodiscard]] bool is(hearth::exchange::Dialect dialect) const { return client == dialect; }
    [[nodiscard]] bool openai_like() const {
        return is(hearth::exchange::Dialect::openai) || is(hearth::exchange::Dialect::responses);
    }
};

[[nodiscard]] std::vector<hearth::exchange::Turn> some_turns(
    const Wish& wish, const std::vector<hearth::exchange::Tool>& tools);
[[nodiscard]] std::vector<hearth::exchange::Tool> some_tools(const Wish& wish);
[[nodiscard]] std::optional<hearth::exchange::ToolChoice> some_choice(
    const Wish& wish, const std::vector<hearth::exchange::Tool>& tools);
// Everything beside turns and tools.
void add_settings(const Wish& wish, hearth::exchange::Request& request);

}  // namespace wire_test
