#pragma once
// Absolute http and https URLs (RFC 3986, RFC 9110 section 4.2), percent-encoding and query strings. Strict:
// ambiguous input is rejected, since a URL that two parsers read differently can bypass a policy.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hearth::text {

inline constexpr std::size_t kUrlBytes = 8 * 1024;
inline constexpr std::size_t kQueryParameters = 256;

struct Url {
    std::string scheme;      // "http" or "https"
    std::string host;        // lower case; an IPv6 literal without its brackets
    std::uint16_t port = 0;  // always set: 80 or 443 when the URL has none
    std::string target;      // path and query as received, at least "/"
    bool ipv6 = false;       // host is an IPv6 literal

    [[nodiscard]] bool tls() const { return scheme == "https"; }
    [[nodiscard]] std::string authority()
        const;  // for Host: brackets where needed, port unless it is the default
    [[nodiscard]] std::string to_string() const;  // scheme://authority target
    bool operator==(const Url&) const = default;
};

// Rejects: other schemes, user names and passwords, fragments, empty or malformed hosts (letters, digits, '-', '.',
// '_' and IPv6 literals only), host names over 253 bytes, ports outside 1..65535, control characters, spaces,
// backslashes, bytes over 0x7f, broken percent-encodings, more than kUrlBytes. Code::invalid_request.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// "host", "host:port", "[v6]:port" as in Host fields; same rules. port is nullopt when absent.
struct Authority {
    std::string host;
    std::optional<std::uint16_t> port;
    bool ipv6 = false;
};
[[nodiscard]] Result<Authority> parse_authority(std::string_view text);

// Encodes everything except RFC 3986's unreserved characters; keep adds characters to leave alone ("/" for
// paths).
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = {});
// nullopt when a '%' is not followed by two hex digits. '+' stays '+'.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;
// "a=1&b=x%20y&c" in order; '+' means space (application/x-www-form-urlencoded). Errors: broken encoding,
// more than kQueryParameters.
[[nodiscard]] Result<QueryParameters> parse_query(std::string_view query);
// The first parameter of that name.
[[nodiscard]] std::optional<std::string_view> find_parameter(const QueryParameters& parameters,
                                                             std::string_view name);

}  // namespace hearth::text
