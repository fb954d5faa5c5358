#pragma once
// Options that a model brings along (PARAMETER lines of a Modelfile, `parameters` of POST /api/create): they hold for
// requests, in any dialect, that do not say otherwise.
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"

namespace hearth::wire::ollama {

// A JSON object of the names that `options` of a request knows. The sampling and context_tokens of what comes back are
// what it says; Code::invalid_request names the field, unknown names are ignored.
[[nodiscard]] Result<exchange::Request> decode_defaults(std::string_view options);
// Fills in what `request` leaves unsaid.
void apply_defaults(const exchange::Request& defaults, exchange::Request& request);

}  // namespace hearth::wire::ollama
