#pragma once
// A Google service account: what its key file says, the assertion that it signs, the token that it gets for it. Pure: the
// signature is made in net/, the asking is the caller's. Facts: developers.google.com/identity/protocols/oauth2/service-account,
// RFC 7523 (JWT bearer), RFC 6749 section 5 (answers).
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"
#include "text/url.h"

namespace hearth::provider {

struct GoogleAccount {
    std::string email, key_id, project;
    Secret private_key;  // PEM
    text::Url token_uri;
};

// The JSON of the file. Code::config with a sentence that says what is missing, never with its content.
[[nodiscard]] Result<GoogleAccount> parse_google_account(std::string_view json);

// What is signed with RS256: header and claims, for an hour. jwt() appends the signature's bytes.
[[nodiscard]] std::string jwt_to_sign(const GoogleAccount& account, Wall now);
[[nodiscard]] std::string jwt(std::string_view to_sign, std::string_view signature);
// The body of the request for a token: application/x-www-form-urlencoded.
[[nodiscard]] std::string token_request(std::string_view jwt);

struct AccessToken {
    Secret token;
    seconds lasts{0};
};
// Errors: Code::upstream_failed with the error's own word ("invalid_grant"), never with its description.
[[nodiscard]] Result<AccessToken> parse_token_answer(int status, std::string_view body);

}  // namespace hearth::provider
