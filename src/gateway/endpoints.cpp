#include "gateway/endpoints.h"

#include "http/websocket.h"
#include "wire/dialects.h"

namespace hearth::gateway {

namespace {

// What belongs to no dialect; looked at first.
struct OwnEndpoint {
    std::string_view path;
    std::string_view method;  // GET answers HEAD too; empty: any
    EndpointKind kind;
    exchange::Dialect dialect = exchange::Dialect::openai;  // of its errors
    bool prefix = false;
};
constexpr OwnEndpoint kOwn[] = {
    {"/api/v0/models", "GET", EndpointKind::lmstudio_models},
    {"/api/v0/models/", "GET", EndpointKind::lmstudio_models, exchange::Dialect::openai, true},
    {"/health", "GET", EndpointKind::probe, exchange::Dialect::llama},
    {"/v1/health", "GET", EndpointKind::probe, exchange::Dialect::llama},
    {"/healthz", "GET", EndpointKind::probe},
    {"/readyz", "GET", EndpointKind::probe},
    {"/metrics", "GET", EndpointKind::probe},
    {"/hearth/v1/", "", EndpointKind::admin, exchange::Dialect::openai, true},
    {"/", "GET", EndpointKind::root},
};

const OwnEndpoint* find_own(std::string_view path) {
    for (const auto& row : kOwn) {
        if (row.prefix ? path.starts_with(row.path) : path == row.path) return &row;
    }
    return nullptr;
}

EndpointKind kind_of(const wire::EndpointRow& endpoint, exchange::Dialect dialect) {
    using enum wire::EndpointUse;
    switch (endpoint.use) {
        case inference:
            return dialect == exchange::Dialect::responses && endpoint.kind == exchange::Kind::chat
                       ? EndpointKind::response
                       : EndpointKind::inference;
        case models:
            return EndpointKind::models;
        case compat:
            return EndpointKind::compat;
        case stored_response:
            return EndpointKind::stored_response;
        case socket:
            return EndpointKind::socket;
        case files:
            return EndpointKind::files;
        case batches:
            break;
    }
    return EndpointKind::batches;
}

}  // namespace

RouteMatch find_endpoint(const http::RequestHead& head) {
    RouteMatch match;
    if (const auto* own = find_own(head.path())) {
        match.found = true;
        match.kind = own->kind;
        match.path = own->path;
        match.method = own->method;
        match.ingress.dialect = own->dialect;
        match.method_fits = own->method.empty() || head.method == own->method ||
                            (own->method == "GET" && head.method == "HEAD");
        return match;
    }
    const bool websocket = head.method == "GET" && http::wants_websocket(head);
    auto found = wire::find_endpoint(head.path(), head.query(), head.method, websocket);
    match.ingress.dialect =
        found.dialect
            ? *found.dialect
            : wire::dialect_of_headers([&](std::string_view name) { return head.headers.contains(name); });
    if (!found.endpoint) return match;
    match.found = true;
    match.method_fits = found.method_fits;
    match.kind = kind_of(*found.endpoint, match.ingress.dialect);
    match.path = found.endpoint->path;
    match.method = found.endpoint->method;
    match.ingress.call = std::move(found.call);
    return match;
}

}  // namespace hearth::gateway
