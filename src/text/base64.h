#pragma once
// Base64, RFC 4648 section 4: alphabet with '+' and '/', padding required, no line breaks, unused bits zero.
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hearth::text {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
void append_base64(std::string& out, std::string_view bytes);

// Strict: any other character, wrong padding or non-zero unused bits is Code::invalid_request naming the
// offset.
[[nodiscard]] Result<std::string> base64_decode(std::string_view text);

}  // namespace hearth::text
