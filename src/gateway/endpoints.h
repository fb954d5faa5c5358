#pragma once
// Everything a client can ask for: path and method to endpoint, and the dialect to answer in. One port serves all
// dialects; where two share a path, the client's headers tell them apart.
#include <string_view>

#include "http/head.h"
#include "pipeline/context.h"

namespace hearth::gateway {

enum class EndpointKind : std::uint8_t {
    inference,
    response,  // inference whose answer is kept
    models,
    lmstudio_models,
    compat,
    stored_response,
    socket,
    files,
    batches,
    probe,
    admin,
    root
};
inline constexpr std::size_t kEndpointKinds = static_cast<std::size_t>(EndpointKind::root) + 1;

using pipeline::Ingress;

struct Endpoint {
    std::string_view path;
    bool prefix = false;
    std::string_view method;  // GET answers HEAD too; empty: any
    EndpointKind endpoint_kind = EndpointKind::inference;
    exchange::Dialect dialect = exchange::Dialect::openai;
    exchange::Kind kind = exchange::Kind::chat;
    std::string_view name;  // wire::Call::endpoint
};

struct RouteMatch {
    const Endpoint* endpoint = nullptr;  // null: no such path
    Ingress ingress;                     // its dialect is set in any case: errors are written in it
};
[[nodiscard]] RouteMatch find_endpoint(const http::RequestHead& head);
[[nodiscard]] bool method_fits(const Endpoint& endpoint, std::string_view method);

}  // namespace hearth::gateway
