#pragma once
// The address for the tools: that of the running Hearth, else the configured listen address.
#include "cli/command.h"
#include "cli/connect/plan.h"

namespace hearth::cli::connect {

// From the command's options and the home. Errors: (invalid_request) --url or --context is invalid; (config) the
// configuration is invalid; (unauthenticated) Hearth requires keys and none was given.
[[nodiscard]] Result<Target> find_target(const Context& context, const Arguments& arguments);

// Normalizes user input to "http://host:port": with or without scheme, slash and /v1. Errors: (invalid_request).
[[nodiscard]] Result<std::string> origin_of(std::string_view url);

}  // namespace hearth::cli::connect
