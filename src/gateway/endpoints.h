#pragma once
// Everything a client can ask for: path and method to endpoint, and the dialect to answer in. The endpoints of dialects are
// rows of the dialects (wire/endpoints.h); what belongs to none of them is listed here. One port serves all dialects; where
// two share a path, the client's headers tell them apart.
#include <string_view>

#include "http/head.h"
#include "pipeline/context.h"

namespace hearth::gateway {

using pipeline::Ingress;

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

struct RouteMatch {
    bool found = false;        // false: no such path
    bool method_fits = false;  // false: 405
    EndpointKind kind = EndpointKind::inference;
    std::string_view path, method;  // of the endpoint; method empty: any
    Ingress ingress;                // its dialect is set in any case: errors are written in it
};
[[nodiscard]] RouteMatch find_endpoint(const http::RequestHead& head);

}  // namespace hearth::gateway
