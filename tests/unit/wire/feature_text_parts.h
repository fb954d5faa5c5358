#pragma once
// Inside feature_text*.cpp.
#include <string>

#include "unit/wire/feature_text.h"

namespace wire_test {

[[nodiscard]] bool is_object(std::string_view text);  // JSON
[[nodiscard]] std::string quoted(std::string_view text);

// Every run of turns of one role with its text; or the system's alone, before or after something else was said.
[[nodiscard]] std::string turns_text(const hearth::exchange::Chat& chat, bool in_the_middle,
                                     bool system_only);
// Media, documents and refusals, with their places.
[[nodiscard]] std::string parts_text(const hearth::exchange::Chat& chat, hearth::wire::Feature feature,
                                     Place place);
[[nodiscard]] std::string thinking_text(const hearth::exchange::Chat& chat, hearth::wire::Feature feature);

}  // namespace wire_test
