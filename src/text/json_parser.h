#pragma once
// Internal to text/: the single pass that fills a tape. json.h documents what is accepted.
#include "text/json.h"

namespace hearth::text::json::detail {

struct Fault {
    std::string_view what;  // empty: none
    std::size_t byte = 0;
    bool too_large = false;
};
[[nodiscard]] Fault fill_tape(Tape& tape, const Limits& limits);

}  // namespace hearth::text::json::detail
