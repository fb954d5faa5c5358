#pragma once
// What a request needs beside the common head where no key may travel: a signature, or a token that was fetched for it.
#include <string>

#include "pipeline/services.h"

namespace hearth::pipeline {

// For upstreams with authenticates_each_request. `request` has its target and body; fields are appended to its headers. Errors: as
// Tokens::get().
[[nodiscard]] Task<Result<void>> authorize(Services& services, const std::string& project,
                                           const Upstream& upstream, client::Request& request,
                                           StopToken stop);

}  // namespace hearth::pipeline
