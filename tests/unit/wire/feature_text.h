#pragma once
// What a request has of one feature, as text that can be compared across dialects: no ids, no borders between turns of one
// role, no difference between one text and its pieces.
#include <string>

#include "exchange/request.h"
#include "wire/translate/features.h"

namespace wire_test {

// Ollama's messages have their images beside the text, not in it.
enum class Place : std::uint8_t { exact, message };

[[nodiscard]] std::string feature_text(const hearth::exchange::Request& request,
                                       hearth::wire::Feature feature, Place place = Place::exact);
// Calls with what they were answered, in the order of the calls. Free-form input counts as the function's one string.
[[nodiscard]] std::string calls_text(const hearth::exchange::Request& request);

// Members in the order of their names, no spaces; `text` itself where it is no JSON.
[[nodiscard]] std::string canonical_json(std::string_view text);

}  // namespace wire_test
