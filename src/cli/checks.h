#pragma once
// What `hearth doctor` looks at. Each check answers one finding; none changes anything.
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace hearth::cli {

struct Finding {
    enum class State : std::uint8_t { good, warning, bad } state = State::good;
    std::string name;     // "home", "ledger": for scripts
    std::string message;  // one sentence: what is so
    std::string remedy;   // what to do; empty when good
};

[[nodiscard]] std::string_view state_name(Finding::State state);  // "ok", "warning", "error"

// With the configuration that serve would use; without it (it is wrong) the checks that need it are left out.
[[nodiscard]] std::vector<Finding> check_all(const Context& context);

}  // namespace hearth::cli
