#pragma once
// HMAC with SHA-256 (RFC 2104, FIPS 198-1).
#include <string_view>

#include "base/sha256.h"

namespace hearth {

[[nodiscard]] Digest256 hmac_sha256(std::string_view key, std::string_view message);

}  // namespace hearth
