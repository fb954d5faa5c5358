#include "text/url.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "text/utf8.h"

namespace hearth::text {
namespace {

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

Failed bad(std::string_view what, std::string_view where) {
    return fail(Code::invalid_request, fmt::format("The address '{}' {}.", printable(where, 100), what));
}

// The characters that RFC 3986 allows in a path or query, and '%' only before two hex digits.
bool is_target(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return false;
            i += 2;
        } else if (!is_alnum(c) &&
                   std::string_view("-._~!$&'()*+,;=:@/?").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
    if (host.find("..") != std::string_view::npos) return false;
    return std::ranges::all_of(host, [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ipv6(std::string_view host) {
    if (host.size() >= INET6_ADDRSTRLEN) return false;
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

}  // namespace

Result<Authority> parse_authority(std::string_view text) {
    Authority out;
    std::string_view host = text, port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return bad("has a '[' without its ']'", text);
        host = text.substr(1, close - 1);
        if (!is_ipv6(host)) return bad("has no IPv6 address between its brackets", text);
        out.ipv6 = true;
        const std::string_view rest = text.substr(close + 1);
        has_port = rest.starts_with(':');
        if (!has_port && !rest.empty()) return bad("has unexpected characters after ']'", text);
        if (has_port) port = rest.substr(1);
    } else {
        const std::size_t colon = text.find(':');
        has_port = colon != std::string_view::npos;
        if (has_port) {
            host = text.substr(0, colon);
            port = text.substr(colon + 1);
        }
        if (!is_host_name(host)) return bad("has no valid host name", text);
    }
    out.host = lower(host);
    if (has_port) {
        std::uint16_t number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (port.empty() || error != std::errc{} || end != port.data() + port.size() || number == 0) {
            return bad("has a port that is not a number from 1 to 65535", text);
        }
        out.port = number;
    }
    return out;
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > kUrlBytes) {
        return fail(Code::invalid_request, fmt::format("The address is longer than {} bytes.", kUrlBytes));
    }
    Url url;
    const std::size_t colon = text.find("://");
    url.scheme = lower(text.substr(0, colon == std::string_view::npos ? 0 : colon));
    if (url.scheme != "http" && url.scheme != "https")
        return bad("must begin with http:// or https://", text);
    const std::string_view rest = text.substr(colon + 3);
    const std::size_t slash = rest.find_first_of("/?#");
    const std::string_view where = rest.substr(0, slash);
    const std::string_view target = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
    if (where.find('@') != std::string_view::npos) {
        // Not quoted: it may hold a password.
        return fail(Code::invalid_request,
                    "The address holds a user name or password; give keys separately.");
    }
    auto authority = parse_authority(where);
    if (!authority) return fail(std::move(authority.error()));
    if (target.find('#') != std::string_view::npos)
        return bad("has a fragment ('#'), which is never sent to a server", text);
    if (!is_target(target)) return bad("has a character that must be percent-encoded, or a broken '%'", text);
    url.host = std::move(authority->host);
    url.ipv6 = authority->ipv6;
    url.port = authority->port.value_or(url.tls() ? 443 : 80);
    url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    return url;
}

std::string Url::authority() const {
    std::string out = ipv6 ? "[" + host + "]" : host;
    if (port != (tls() ? 443 : 80)) out.append(1, ':').append(fmt::format_int(port).str());
    return out;
}

std::string Url::to_string() const {
    return scheme + "://" + authority() + target;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool plain = is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain || (c != '%' && keep.find(c) != std::string_view::npos)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 0xf]);
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high << 4 | low));
        i += 2;
    }
    return out;
}

Result<QueryParameters> parse_query(std::string_view query) {
    QueryParameters out;
    while (!query.empty()) {
        const std::size_t amp = query.find('&');
        std::string pair(query.substr(0, amp));
        query.remove_prefix(amp == std::string_view::npos ? query.size() : amp + 1);
        if (pair.empty()) continue;
        std::ranges::replace(pair, '+', ' ');
        const std::size_t equals = pair.find('=');
        auto name = percent_decode(std::string_view(pair).substr(0, equals));
        auto value = percent_decode(equals == std::string::npos ? std::string_view{}
                                                                : std::string_view(pair).substr(equals + 1));
        if (!name || !value) {
            return fail(Code::invalid_request, "The query has a '%' that is not followed by two hex digits.");
        }
        if (out.size() == kQueryParameters) {
            return fail(Code::invalid_request,
                        fmt::format("The query has more than {} parameters.", kQueryParameters));
        }
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

std::optional<std::string_view> find_parameter(const QueryParameters& parameters, std::string_view name) {
    const auto found =
        std::ranges::find(parameters, name, [](const auto& p) { return std::string_view(p.first); });
    if (found == parameters.end()) return std::nullopt;
    return found->second;
}

}  // namespace hearth::text
