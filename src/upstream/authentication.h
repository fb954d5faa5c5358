#pragma once
// What a request needs beside the common head where no key may be sent: a signature, or a token that was fetched for it.
#include <span>
#include <string>
#include <string_view>

#include "upstream/access_tokens.h"

namespace hearth::upstream {

// For upstreams with authenticates_each_request. `request` has its target, and `body` is what will be sent with it; header
// fields are appended. Errors: as AccessTokens::get().
[[nodiscard]] Task<Result<void>> authenticate(AccessTokens& tokens, Clock& clock, SettingsPtr settings,
                                              const std::string& project, const Upstream& upstream,
                                              client::Request& request,
                                              std::span<const std::string_view> body, StopToken stop);

}  // namespace hearth::upstream
