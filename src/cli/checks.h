#pragma once
// The checks of `hearth doctor`. Each returns one finding and changes nothing.
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace hearth::cli {

struct Finding {
    enum class State : std::uint8_t { good, warning, bad } state = State::good;
    std::string name;     // "home", "ledger": for scripts
    std::string message;  // one sentence: the state
    std::string remedy;   // action; empty when good
};

[[nodiscard]] std::string_view state_name(Finding::State state);  // "ok", "warning", "error"

// Uses the configuration of serve; if it is invalid, the checks that depend on it are omitted.
[[nodiscard]] std::vector<Finding> check_all(const Context& context);

}  // namespace hearth::cli
