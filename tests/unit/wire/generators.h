#pragma once
// Random exchange forms as the OpenAI dialect can say them (request.h names what it makes alike). Written as plain code
// over one draw of an integer: rapidcheck shrinks the integers, and the compiler is spared its combinators.
#include <string>
#include <vector>

#include "exchange/event.h"
#include "exchange/request.h"

namespace wire_test {

using namespace hearth;
using namespace hearth::exchange;

// Inside rc::check only.
[[nodiscard]] int draw(int below);  // 0 .. below - 1
[[nodiscard]] inline bool flip() {
    return draw(2) == 1;
}

[[nodiscard]] std::string
some_text();  // maybe empty; with what breaks encoders: quotes, controls, wide characters
[[nodiscard]] std::string word();  // not empty
[[nodiscard]] std::string maybe_word();

[[nodiscard]] Request some_request(Kind kind);

// A whole, well-formed answer stream: Started, deltas and Finish of `choices`, UsageEvent, Done.
[[nodiscard]] std::vector<Event> some_stream(Kind kind, int choices);

}  // namespace wire_test
