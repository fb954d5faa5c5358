#include "provider/outbound.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "provider/place.h"
#include "wire/dialects.h"

namespace hearth::provider {

namespace {

constexpr std::string_view kUserAgent = "hearth/0.1.0";

// Client headers that a vendor may get. All of it is meant for the provider, names no person or machine by itself, and
// is documented by a vendor (idempotency and request ids; OpenRouter: referer, title, session).
constexpr std::string_view kMayPass[] = {"idempotency-key", "x-client-request-id", "http-referer", "x-title",
                                         "x-session-id"};

// Vendors' own headers pass too: those of every dialect, for one vendor may have headers of another whose API it copied.
bool may_pass(std::string_view name) {
    const auto is = [&](std::string_view other) { return http::iequals(name, other); };
    if (std::ranges::any_of(kMayPass, is)) return true;
    const auto begins = [&](std::string_view prefix) {
        return name.size() > prefix.size() && http::iequals(name.substr(0, prefix.size()), prefix);
    };
    for (const auto* const row : wire::dialects()) {
        if (std::ranges::any_of(row->forwarded_prefixes, begins))
            return std::ranges::none_of(row->withheld_headers, is);
    }
    return false;
}

Result<void> check_endpoint(const Provider& provider, const Wire& wire, exchange::Kind kind, bool there) {
    const auto& quirks = provider.quirks;
    there = there && (kind != exchange::Kind::completion || quirks.completions) &&
            (kind != exchange::Kind::embedding || quirks.embeddings) &&
            (kind != exchange::Kind::count || quirks.count_tokens);
    if (there) return {};
    return fail(Code::unsupported, fmt::format("{} has no endpoint for {} in the {} dialect.", provider.id,
                                               exchange::kind_name(kind), wire::dialect_name(wire.dialect)));
}

Result<void> check_ready(const Provider& provider) {
    if (provider.has_secret() && sends_key_in_cleartext(provider))
        return fail(Code::forbidden, provider.not_ready());
    if (auto why = provider.not_ready(); !why.empty()) return fail(Code::unavailable, why);
    return {};
}

void add_key(const Provider& provider, Auth auth, std::string_view header, http::HeaderList& headers) {
    if (provider.key.empty() || auth == Auth::none) return;
    if (auth == Auth::header) {
        headers.append(header, provider.key.reveal());
    } else {
        std::string value;
        value.reserve(7 + provider.key.reveal().size());
        value.append("Bearer ").append(provider.key.reveal());
        headers.append("authorization", value);
        explicit_bzero(value.data(), value.size());
    }
}

void add_key(const Provider& provider, http::HeaderList& headers) {
    add_key(provider, provider.auth, provider.auth_header, headers);
}

void add_key(const Provider& provider, const Wire& wire, http::HeaderList& headers) {
    if (!wire.auth) return add_key(provider, headers);
    add_key(provider, *wire.auth, wire.auth_header, headers);
}

std::string_view accepted(exchange::Dialect dialect, bool stream) {
    if (!stream) return "application/json";
    return wire::dialect_row(dialect).stream_type;
}

bool configured(const Provider& provider, std::string_view name) {
    return std::ranges::any_of(provider.headers, [&](const auto& h) { return http::iequals(h.first, name); });
}

http::RequestHead base_head(const Provider& provider, std::string_view method, std::string_view base_path,
                            std::string_view path) {
    http::RequestHead head;
    head.method = method;
    head.target.reserve(base_path.size() + path.size());
    head.target.append(base_path).append(path);
    head.host = provider.base->authority();
    head.headers.append("host", head.host);
    return head;
}

void add_configured(const Provider& provider, http::HeaderList& headers) {
    for (const auto& [name, value] : provider.headers) headers.set(name, value.reveal());
}

}  // namespace

Result<int> incoming_hops(const http::HeaderList& headers) {
    if (!headers.contains(kHopHeader)) return 0;
    const auto hops = headers.find_number(kHopHeader);
    if (!hops || headers.count(kHopHeader) != 1) {
        return fail(Code::invalid_request, fmt::format("The header {} must be one number.", kHopHeader),
                    std::string(kHopHeader));
    }
    if (*hops >= static_cast<std::uint64_t>(limits::kHops)) {
        return fail(
            Code::loop_detected,
            fmt::format(
                "This request has passed {} gateways, and {} is the limit: a provider's base_url probably "
                "leads back here.",
                *hops, limits::kHops));
    }
    return static_cast<int>(*hops);
}

Result<http::RequestHead> common_head(const Provider& provider, const Wire& wire, exchange::Kind kind,
                                      const std::optional<std::string>& path, bool stream) {
    if (auto ready = check_ready(provider); !ready) return fail(std::move(ready.error()));
    if (auto there = check_endpoint(provider, wire, kind, path.has_value()); !there)
        return fail(std::move(there.error()));
    const auto* const elsewhere = wire.path_of(kind);
    auto head = elsewhere ? base_head(provider, "POST", "", *elsewhere)
                          : base_head(provider, "POST", wire.path.value_or(provider.base->target), *path);
    auto& headers = head.headers;
    if (!provider.pass_client_credentials)
        add_key(provider, wire, headers);  // else each request brings its own
    headers.append("content-type", "application/json");
    headers.append("accept", accepted(wire.dialect, stream));
    headers.append("accept-encoding", "identity");
    headers.append("user-agent", kUserAgent);
    for (const auto& [name, value] : wire::dialect_row(wire.dialect).fixed_headers)
        headers.append(name, value);
    add_configured(provider, headers);
    return head;
}

void add_request_headers(const Provider& provider, int hops, bool same_dialect,
                         const http::HeaderList& client, http::HeaderList& out) {
    if (provider.pass_client_credentials && !configured(provider, "authorization")) {
        if (const auto own = client.find("authorization")) {
            out.append("authorization", *own);
        } else {
            add_key(provider, out);
        }
    }
    out.append(kHopHeader, fmt::format_int(hops + 1).str());
    if (!same_dialect) return;
    for (const auto header : client) {
        if (may_pass(header.name) && !configured(provider, header.name))
            out.append(header.name, header.value);
    }
}

Result<http::RequestHead> models_head(const Provider& provider) {
    if (auto ready = check_ready(provider); !ready) return fail(std::move(ready.error()));
    auto head = base_head(provider, "GET", provider.base->target, "/models");
    add_key(provider, head.headers);
    head.headers.append("accept", "application/json");
    head.headers.append("accept-encoding", "identity");
    head.headers.append("user-agent", kUserAgent);
    head.headers.append(kHopHeader, "1");
    add_configured(provider, head.headers);
    return head;
}

}  // namespace hearth::provider
