// The endpoints in the rows of the dialects (wire/endpoints.h) and the gateway's table (pipeline/endpoints.h) agree on every
// path, method and header that decides.
#include <doctest/doctest.h>

#include <set>

#include "pipeline/endpoints.h"
#include "pipeline/model_directory.h"
#include "wire/anthropic/models.h"
#include "wire/dialects.h"

namespace dialect_endpoints_test {

using namespace hearth;
using pipeline::EndpointKind;
using wire::EndpointUse;

namespace {

struct Client {
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    bool websocket = false;
};

const Client kClients[] = {{},
                           {{{"anthropic-version", "2023-06-01"}}},
                           {{{"x-goog-api-key", "k"}}},
                           {{{"anthropic-version", "x"}, {"x-goog-api-key", "k"}}},
                           {{{"connection", "upgrade"},
                             {"upgrade", "websocket"},
                             {"sec-websocket-version", "13"},
                             {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}},
                            true}};

// Every path of a row, what begins with it and what is beside it.
std::set<std::string> paths() {
    std::set<std::string> out{"/",
                              "/unknown",
                              "/v1/unknown",
                              "/v1beta/unknown",
                              "/api",
                              "/v1beta/models/m:countTokens",
                              "/v1beta/models/m:generateContent",
                              "/v1beta/models/m:streamGenerateContent",
                              "/v1beta/models/m:unknown",
                              "/v1/models/a/b"};
    const auto add = [&](std::string_view path) {
        for (const auto* tail : {"", "/", "x", "/x", "/x:generateContent"})
            out.insert(std::string(path) + tail);
        out.insert(std::string(path.substr(0, path.size() - 1)));
    };
    for (const auto* const row : wire::dialects()) {
        for (const auto& endpoint : row->endpoints) add(endpoint.path);
        for (const auto prefix : row->path_prefixes) add(prefix);
    }
    return out;
}

// What the gateway has beside the dialects.
bool belongs_to_no_dialect(const pipeline::Endpoint& endpoint) {
    switch (endpoint.endpoint_kind) {
        case EndpointKind::lmstudio_models:
        case EndpointKind::probe:
        case EndpointKind::admin:
        case EndpointKind::root:
            return true;
        default:
            return false;
    }
}

EndpointKind kind_of(EndpointUse use) {
    switch (use) {
        case EndpointUse::inference:
            return EndpointKind::inference;
        case EndpointUse::models:
            return EndpointKind::models;
        case EndpointUse::compat:
            return EndpointKind::compat;
        case EndpointUse::stored_response:
            return EndpointKind::stored_response;
        case EndpointUse::socket:
            return EndpointKind::socket;
        case EndpointUse::files:
            return EndpointKind::files;
        case EndpointUse::batches:
            break;
    }
    return EndpointKind::batches;
}

void check(const std::string& path, std::string_view method, const Client& client, std::size_t& matched) {
    http::RequestHead head;
    head.method = method;
    head.target = path;
    for (const auto& [name, value] : client.headers) head.headers.append(name, value);
    const auto gateway = pipeline::find_endpoint(head);
    if (gateway.endpoint && belongs_to_no_dialect(*gateway.endpoint)) return;
    CAPTURE(path);
    CAPTURE(method);
    const auto match = wire::find_endpoint(path, {}, method, client.websocket);
    const auto dialect =
        match.dialect
            ? *match.dialect
            : wire::dialect_of_headers([&](std::string_view name) { return head.headers.contains(name); });
    CHECK(dialect == gateway.ingress.dialect);
    REQUIRE((match.endpoint == nullptr) == (gateway.endpoint == nullptr));
    if (!match.endpoint) return;
    ++matched;
    CHECK(match.endpoint->path == gateway.endpoint->path);
    CHECK(match.endpoint->prefix == gateway.endpoint->prefix);
    CHECK(match.method_fits == pipeline::method_fits(*gateway.endpoint, method));
    if (!match.method_fits) return;  // 405, whichever of the rows with this path was found
    CHECK(kind_of(match.endpoint->use) == gateway.endpoint->endpoint_kind);
    CHECK(match.endpoint->method == gateway.endpoint->method);
    if (match.endpoint->use != EndpointUse::inference) return;
    CHECK(match.call.kind == gateway.ingress.call.kind);
    CHECK(match.call.endpoint == gateway.ingress.call.endpoint);
    CHECK(match.call.model == gateway.ingress.call.model);
    CHECK(match.call.stream == gateway.ingress.call.stream);
}

}  // namespace

TEST_CASE("the dialects' endpoints are the gateway's") {
    std::size_t matched = 0;
    for (const auto& path : paths()) {
        for (const auto* method : {"GET", "POST", "HEAD", "DELETE", "PUT"}) {
            for (const auto& client : kClients) check(path, method, client, matched);
        }
    }
    CHECK(matched > 2000);
}

TEST_CASE("the alias under which Claude Code lists models is the one that is resolved") {
    CHECK(wire::anthropic::kMenuPrefix == pipeline::kClaudeAlias);
}

}  // namespace dialect_endpoints_test
