#include "gateway/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "provider/outbound.h"
#include "provider/provider.h"
#include "text/url.h"

namespace hearth::gateway {

namespace {

// Schemes under which editors and desktop programs show their own pages; no web page can claim one of them.
constexpr std::array<std::string_view, 5> kOwnSchemes = {"vscode-webview://", "vscode-file://", "app://",
                                                         "tauri://", "file://"};

std::string_view presented_key(const http::HeaderList& headers) {
    std::string_view value = headers.get("authorization");
    if (value.size() > 7 && http::iequals(value.substr(0, 7), "bearer ")) {
        value.remove_prefix(7);
        while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
        return value;
    }
    if (const auto key = headers.find("x-api-key")) return *key;
    return headers.get("x-goog-api-key");
}

bool is_any(const std::string& host) {
    return host == "0.0.0.0" || host == "::";
}

bool is_ip_literal(const std::string& host) {
    return net::Address::parse(host, 1).has_value();
}

// Host part of "http://host:port", or empty when the origin is no http(s) one.
std::string origin_host(std::string_view origin) {
    const auto url = text::parse_url(origin);
    return url ? url->host : std::string();
}

}  // namespace

Access::Access(const upstream::SettingsPtr& settings, config::KeyStore keys, Clock& clock)
    : settings_(settings), keys_(std::move(keys)), clock_(clock) {
    settings_changed();
}

void Access::settings_changed() {
    known_host_.clear();
    any_address_ =
        std::ranges::any_of(config().server.listen, [](const auto& listen) { return is_any(listen.host); });
}

bool Access::host_allowed(const http::RequestHead& head) const {
    const auto authority = text::parse_authority(head.host);
    if (!authority) return false;
    const auto& host = authority->host;
    if (provider::is_loopback_host(host)) return true;
    if (any_address_ && is_ip_literal(host)) return true;
    for (const auto& listen : config().server.listen) {
        if (listen.host == host) return true;
    }
    const auto& allowed = config().server.allowed_hosts;
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](const std::string& name) { return http::iequals(name, host) || name == "*"; });
}

bool Access::origin_allowed(std::string_view origin, const http::RequestHead& head) const {
    const auto& allowed = config().server.allowed_origins;
    if (std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) return true;
    for (const auto scheme : kOwnSchemes) {
        if (origin.starts_with(scheme)) return true;
    }
    const auto host = origin_host(origin);
    if (host.empty()) return false;  // "null", extensions and whatever comes next
    if (provider::is_loopback_host(host)) return true;
    return origin == fmt::format("http://{}", head.host) || origin == fmt::format("https://{}", head.host);
}

std::optional<std::string> Access::cors_origin(const http::RequestHead& head) const {
    const auto origin = head.headers.find("origin");
    if (!origin || !origin_allowed(*origin, head)) return std::nullopt;
    return std::string(*origin);
}

void Access::reload_keys() {
    const auto now = clock_.mono();
    if (now < next_key_check_) return;
    next_key_check_ = now + seconds(1);
    if (!keys_.changed()) return;
    // A file that cannot be read keeps the keys that were good a second ago: nobody is locked out or let in by accident.
    if (auto fresh = config::KeyStore::load(config().home.keys())) keys_ = std::move(*fresh);
}

Result<Caller> Access::admit(const http::RequestHead& head, const net::Address& peer) {
    if (head.host != known_host_) {
        if (!host_allowed(head)) {
            return fail(
                Code::forbidden,
                fmt::format(
                    "Host '{}' is not a name of this server. If it is meant to be, add it to [server] "
                    "allowed_hosts.",
                    std::string_view(head.host).substr(0, 100)));
        }
        known_host_ = head.host;
    }
    if (const auto origin = head.headers.find("origin"); origin && !origin_allowed(*origin, head)) {
        return fail(Code::forbidden,
                    fmt::format("Pages of '{}' may not use this server. To allow them, add the origin "
                                "to [server] allowed_origins.",
                                origin->substr(0, 100)));
    }
    const auto hops = provider::incoming_hops(head.headers);
    if (!hops) return fail(hops.error());

    Caller caller;
    caller.hops = *hops;
    if (const auto origin = head.headers.find("origin")) caller.cors_origin = *origin;  // allowed, see above
    caller.project = "default";
    caller.client = client_family(head.headers.get("user-agent"));
    const bool needed = config().server.require_keys || peer.address_class() != net::AddressClass::loopback;
    const auto key = presented_key(head.headers);
    if (needed || !key.empty()) reload_keys();
    if (!key.empty() && !keys_.empty()) {
        if (const auto* known = keys_.check(key)) {
            caller.key = known->id;
            caller.project = known->project;
            return caller;
        }
    }
    if (needed) {
        return fail(Code::unauthenticated,
                    key.empty()
                        ? "A key is needed: send 'Authorization: Bearer hk_…' (`hearth key add` makes one)."
                        : "This key is not known here (`hearth key list` shows which are).");
    }
    if (const auto project = head.headers.get("x-hearth-project"); !project.empty() && project.size() <= 64) {
        caller.project = project;  // only where anybody may speak: with keys, the key names the project
    }
    return caller;
}

std::string client_family(std::string_view user_agent) {
    std::string out;
    for (const char c : user_agent.substr(0, 40)) {
        if (c == ' ' || c == '(' || (c >= '0' && c <= '9' && !out.empty() && out.back() == '/')) break;
        if (c >= 'A' && c <= 'Z') {
            out.push_back(static_cast<char>(c - 'A' + 'a'));
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/' || c == '_') {
            out.push_back(c);
        }
    }
    while (!out.empty() && out.back() == '/') out.pop_back();
    return out;
}

}  // namespace hearth::gateway
