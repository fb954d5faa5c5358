#include "net/proxy_env.h"

#include <fmt/format.h>

#include <cstdlib>

#include "net/address.h"
#include "text/base64.h"
#include "text/url.h"

namespace hearth::net {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// The value is not part of the message: it may hold a password.
Result<Proxy> parse_proxy(std::string_view value, std::string_view variable) {
    const auto bad = [&](std::string_view why) {
        return fail(
            Code::config,
            fmt::format("{} is not usable: {}; expected http://[user:password@]host[:port]", variable, why));
    };
    const auto scheme_end = value.find("://");
    if (scheme_end != std::string_view::npos) {
        if (lower(value.substr(0, scheme_end)) != "http")
            return bad("only proxies over plain http are supported");
        value.remove_prefix(scheme_end + 3);
    }
    while (value.ends_with('/')) value.remove_suffix(1);
    Proxy proxy;
    if (const auto at = value.rfind('@'); at != std::string_view::npos) {
        const auto user = text::percent_decode(value.substr(0, at));
        if (!user) return bad("its user name or password is not percent-encoded correctly");
        proxy.authorization = "Basic " + text::base64_encode(*user);
        value.remove_prefix(at + 1);
    }
    const auto authority = text::parse_authority(value);
    if (!authority) return bad("its host or port is malformed");
    proxy.host = authority->host;
    proxy.port = authority->port.value_or(1080);  // curl's default for a proxy without one
    return proxy;
}

// One entry of no_proxy against a destination.
bool matches(std::string_view entry, std::string_view host, std::uint16_t port,
             const Result<Address>& literal) {
    if (entry == "*") return true;
    if (literal && in_cidr(*literal, entry)) return true;
    if (entry.find('/') != std::string_view::npos) return false;
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    std::string name(entry);
    if (const auto authority = text::parse_authority(entry); authority) {
        if (authority->port && *authority->port != port) return false;
        name = authority->host;
    }
    if (literal) {
        const auto address = Address::parse(name, port);
        return address && address->bytes() == literal->bytes() && address->family() == literal->family();
    }
    if (name.empty() || !host.ends_with(name)) return false;
    return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

bool is_loopback_name(std::string_view host, const Result<Address>& literal) {
    if (literal) return literal->address_class() == AddressClass::loopback;
    return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

Result<ProxyEnv> ProxyEnv::from(const GetEnv& get_env) {
    ProxyEnv env;
    const auto find = [&](const char* small,
                          const char* large) -> std::pair<std::string_view, std::string_view> {
        for (const char* name : {small, large}) {
            if (name == nullptr) continue;
            if (const char* value = get_env(name); value != nullptr && *value != '\0')
                return {trim(value), name};
        }
        return {};
    };
    const bool cgi = get_env("REQUEST_METHOD") != nullptr;
    const auto all = find("all_proxy", "ALL_PROXY");
    for (auto [slot, found] : {std::pair(&env.http_, find("http_proxy", cgi ? nullptr : "HTTP_PROXY")),
                               std::pair(&env.https_, find("https_proxy", "HTTPS_PROXY"))}) {
        if (found.first.empty()) found = all;
        if (found.first.empty()) continue;
        auto proxy = parse_proxy(found.first, found.second);
        if (!proxy) return fail(std::move(proxy.error()));
        *slot = std::move(*proxy);
    }
    std::string_view rest = find("no_proxy", "NO_PROXY").first;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        if (const auto entry = trim(rest.substr(0, comma)); !entry.empty())
            env.no_proxy_.push_back(lower(entry));
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    return env;
}

Result<ProxyEnv> ProxyEnv::from_environment() {
    return from([](const char* name) -> const char* { return std::getenv(name); });
}

std::optional<Proxy> ProxyEnv::for_destination(std::string_view scheme, std::string_view host,
                                               std::uint16_t port) const {
    const auto& proxy = scheme == "https" ? https_ : http_;
    if (!proxy) return std::nullopt;
    const std::string name = lower(host);
    const auto literal = Address::parse(name, port);
    if (!proxy_loopback && is_loopback_name(name, literal)) return std::nullopt;
    for (const auto& entry : no_proxy_) {
        if (matches(entry, name, port, literal)) return std::nullopt;
    }
    return proxy;
}

}  // namespace hearth::net
