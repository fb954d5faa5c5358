#pragma once
// The question to the router. The pipeline, `hearth route` and Ollama's /api/show all ask through plan_for(), from a
// request in a dialect, so that what is explained is the decision that is taken. Asking changes nothing.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/request.h"
#include "pipeline/ports.h"
#include "route/decide.h"

namespace hearth::pipeline {

// Errors: as route::decide.
[[nodiscard]] Result<route::Plan> plan_for(const Ports& ports, const std::string& project,
                                           const exchange::Request& request, const exchange::Needs& needs);

// The same for a chat that is not there: what a client that writes `model` and `text` to OpenAI's endpoint would get. Errors:
// also what the codec refuses.
[[nodiscard]] Result<route::Plan> plan_for_chat(const Ports& ports, const std::string& project,
                                                std::string_view model, std::string_view text);

}  // namespace hearth::pipeline
