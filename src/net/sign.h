#pragma once
// Signatures with a private key. Here because this is the only room that includes OpenSSL.
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace hearth::net {

// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2, "RS256" of RFC 7518), as bytes. `pem` holds an RSA private key,
// PKCS #8 or PKCS #1, without a passphrase. Code::config when it is not. Takes about a millisecond.
[[nodiscard]] Result<std::string> sign_rs256(const Secret& pem, std::string_view message);

}  // namespace hearth::net
