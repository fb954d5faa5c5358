#pragma once
// Where the tools are sent: the running Hearth's address, else the one it is configured to listen on.
#include "cli/command.h"
#include "cli/connect/plan.h"

namespace hearth::cli::connect {

// From the command's options and the home. Errors: (invalid_request) --url or --context is none; (config) the
// configuration is wrong; (unauthenticated) Hearth asks for keys and none was given.
[[nodiscard]] Result<Target> find_target(const Context& context, const Arguments& arguments);

// "http://host:port" of what a person writes: with or without scheme, slash and /v1. Errors: (invalid_request).
[[nodiscard]] Result<std::string> origin_of(std::string_view url);

}  // namespace hearth::cli::connect
