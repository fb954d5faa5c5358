#pragma once
// HTTP-date (RFC 9110 section 5.6.7): the fixed format and the two obsolete ones that must still be read.
#include <optional>
#include <string_view>

#include "base/time.h"

namespace hearth::provider {

[[nodiscard]] std::optional<Wall> parse_http_date(std::string_view text);

}  // namespace hearth::provider
