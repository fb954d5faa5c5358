#include "provider/google_account.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/head.h"
#include "provider/provider.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::provider {

namespace {

constexpr std::string_view kTokenUri = "https://oauth2.googleapis.com/token";
constexpr std::string_view kScope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view kGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr json::Limits kSmall{.depth = 8, .nodes = 1'000, .bytes = 64 * 1024};
constexpr std::int64_t kLifeSeconds = 3600;  // the most that Google allows

// RFC 7515 section 2: the other two characters, no padding.
std::string base64url(std::string_view bytes) {
    auto out = text::base64_encode(bytes);
    std::ranges::replace(out, '+', '-');
    std::ranges::replace(out, '/', '_');
    out.erase(out.find_last_not_of('=') + 1);
    return out;
}

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    });
}

}  // namespace

Result<GoogleAccount> parse_google_account(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text, kSmall);
    if (!root || !root->is_object()) return fail(Code::config, "It is not JSON.");
    const auto member = [&](std::string_view key) { return std::string(root->get(key).as_string()); };
    if (const auto type = member("type"); type != "service_account") {
        return fail(Code::config,
                    fmt::format("It is {}, and only a service account's key can be used.",
                                is_word(type) ? fmt::format("of the type {}", type) : "of no known type"));
    }
    GoogleAccount account;
    account.email = member("client_email");
    account.key_id = member("private_key_id");
    account.project = member("project_id");
    account.private_key = Secret(member("private_key"));
    if (account.email.empty() || account.private_key.empty())
        return fail(Code::config, "It lacks client_email or private_key.");
    const auto address = member("token_uri");
    auto url = text::parse_url(address.empty() ? kTokenUri : std::string_view(address));
    if (!url || (!url->tls() && !is_loopback_host(url->host)))
        return fail(Code::config, "Its token_uri is not an https address.");
    account.token_uri = std::move(*url);
    return account;
}

std::string jwt_to_sign(const GoogleAccount& account, Wall now) {
    const auto issued = std::chrono::floor<seconds>(now).time_since_epoch().count();
    std::string header, claims;
    json::Writer h(header);
    h.begin_object().member("alg", "RS256").member("typ", "JWT");
    if (!account.key_id.empty()) h.member("kid", account.key_id);
    h.end_object();
    json::Writer c(claims);
    c.begin_object().member("iss", account.email).member("scope", kScope);
    c.member("aud", account.token_uri.to_string());
    c.member("iat", issued).member("exp", issued + kLifeSeconds).end_object();
    return base64url(header) + "." + base64url(claims);
}

std::string jwt(std::string_view to_sign, std::string_view signature) {
    return fmt::format("{}.{}", to_sign, base64url(signature));
}

std::string token_request(std::string_view jwt) {
    return fmt::format("grant_type={}&assertion={}", text::percent_encode(kGrant), jwt);
}

Result<AccessToken> parse_token_answer(int status, std::string_view body) {
    json::Document document;
    const auto root = document.parse(body, kSmall);
    if (status != 200) {
        const auto word = root ? root->get("error").as_string() : std::string_view{};
        return fail(Code::upstream_failed,
                    fmt::format("it answered {}{}", status, is_word(word) ? fmt::format(" ({})", word) : ""));
    }
    AccessToken out;
    const auto token = root ? root->get("access_token").as_string() : std::string_view{};
    if (token.empty() || !http::is_field_value(token))
        return fail(Code::upstream_failed, "its answer holds no token");
    out.token = Secret(std::string(token));
    out.lasts = seconds(std::clamp<std::int64_t>(root->get("expires_in").as_int().value_or(300), 0, 86'400));
    return out;
}

}  // namespace hearth::provider
