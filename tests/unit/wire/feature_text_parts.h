#pragma once
// Inside said*.cpp.
#include <string>

#include "unit/wire/said.h"

namespace wire_test {

[[nodiscard]] bool is_object(std::string_view text);  // JSON
[[nodiscard]] std::string quoted(std::string_view text);

// Every run of turns of one role with its text; or the system's alone, before or after something else was said.
[[nodiscard]] std::string said_text(const hearth::exchange::Chat& chat, bool in_the_middle, bool system_only);
// Media, documents and refusals, with their places.
[[nodiscard]] std::string said_parts(const hearth::exchange::Chat& chat, hearth::wire::Feature feature,
                                     Place place);
[[nodiscard]] std::string said_thinking(const hearth::exchange::Chat& chat, hearth::wire::Feature feature);

}  // namespace wire_test
