#include "pipeline/gateway.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/endpoints.h"
#include "pipeline/files_road.h"
#include "pipeline/listing.h"
#include "pipeline/reply.h"
#include "pipeline/responses_road.h"
#include "pipeline/road.h"
#include "text/url.h"
#include "wire/codecs.h"

namespace hearth::pipeline {

namespace {

Error wrong_method(const Endpoint& endpoint, std::string_view method) {
    auto error = fail(Code::method_not_allowed,
                      fmt::format("{} takes {}, not {}.", endpoint.path, endpoint.method, method));
    return std::move(error.error());
}

Error unknown_path(std::string_view method, std::string_view path) {
    auto error =
        fail(Code::not_found,
             fmt::format("No endpoint {} {}. Hearth speaks OpenAI's (/v1/chat/completions, "
                         "/v1/responses), Anthropic's (/v1/messages), Gemini's (/v1beta/models/...), "
                         "Ollama's (/api/...) and llama.cpp's (/completion, /infill) dialects.",
                         method, path.substr(0, 200)));
    return std::move(error.error());
}

// A browser's question before a cross-origin request (Fetch standard, CORS preflight).
Task<void> answer_preflight(Services& services, server::Exchange& exchange) {
    http::HeaderList headers;
    if (const auto origin = services.access.cors_origin(exchange.head())) {
        headers.append("access-control-allow-origin", *origin);
        headers.append("access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
        const auto asked = exchange.head().headers.get("access-control-request-headers");
        headers.append("access-control-allow-headers", asked.empty() ? "authorization, content-type" : asked);
        headers.append("access-control-max-age", "600");
        headers.append("vary", "origin");
    }
    [[maybe_unused]] const auto sent = co_await exchange.respond(204, headers, {});
}

}  // namespace

Task<void> Gateway::handle(server::Exchange& exchange) {
    const auto& head = exchange.head();
    auto asked = find_endpoint(head);
    const auto* endpoint = asked.endpoint;
    const bool fits = endpoint && method_fits(*endpoint, head.method);
    // Probes come from load balancers and scrapers, which know neither our names nor our keys, and learn nothing secret.
    if (fits && endpoint->endpoint_kind == EndpointKind::probe) {
        co_await answer_probe(exchange);
        co_return;
    }
    if (head.method == "OPTIONS") {
        co_await answer_preflight(services_, exchange);
        co_return;
    }
    const auto& dialect = *wire::client_codec(asked.ingress.dialect);
    auto caller = services_.access.admit(head, exchange.peer());
    if (!caller) {
        services_.metrics.refused_at_door();
        co_await reply_error(services_, exchange, dialect, std::move(caller.error()));
        co_return;
    }
    if (!fits) {
        auto error = endpoint ? wrong_method(*endpoint, head.method) : unknown_path(head.method, head.path());
        co_await reply_error(services_, exchange, dialect, std::move(error));
        co_return;
    }
    switch (endpoint->endpoint_kind) {
        case EndpointKind::inference:
            if (asked.ingress.dialect == exchange::Dialect::responses &&
                asked.ingress.call.kind == exchange::Kind::chat) {
                co_await answer_response(services_, exchange, std::move(*caller), std::move(asked.ingress));
            } else {
                co_await travel(services_, exchange, std::move(*caller), std::move(asked.ingress));
            }
            break;
        case EndpointKind::files:
            co_await answer_files(services_, exchange, std::move(*caller), std::move(asked.ingress));
            break;
        case EndpointKind::batches:
            co_await answer_batches(services_, exchange, std::move(*caller), std::move(asked.ingress));
            break;
        case EndpointKind::stored_response:
            co_await answer_stored(services_, exchange, *caller);
            break;
        case EndpointKind::socket:
            co_await answer_socket(services_, exchange, std::move(*caller), std::move(asked.ingress));
            break;
        case EndpointKind::models:
        case EndpointKind::lmstudio_models:
            co_await answer_models(exchange, asked);
            break;
        case EndpointKind::compat:
            co_await native_(exchange, *caller);
            break;
        case EndpointKind::admin:
            co_await admin_(exchange, *caller);
            break;
        case EndpointKind::root:
            co_await reply_text(services_, exchange, 200, "Hearth is running\n", "text/plain");
            break;
        case EndpointKind::probe:
            break;  // answered above
    }
}

Task<void> Gateway::answer_probe(server::Exchange& exchange) {
    const auto path = exchange.head().path();
    if (path == "/metrics") {
        co_await reply_text(services_, exchange, 200, services_.registry.expose(),
                            std::string(telemetry::kContentType));
        co_return;
    }
    if (path == "/healthz" || path == "/health" || path == "/v1/health") {
        co_await reply_json(services_, exchange, 200, "{\"status\":\"ok\"}");
        co_return;
    }
    const auto ledger = services_.ledger.health();
    const bool ready = ready_ && ledger.writable;
    const char* why = !ready_ ? "starting" : "the ledger cannot be written: clouds are refused";
    co_await reply_json(services_, exchange, ready ? 200 : 503,
                        ready ? std::string("{\"status\":\"ready\"}")
                              : fmt::format("{{\"status\":\"not ready\",\"why\":\"{}\"}}", why));
}

Task<void> Gateway::answer_models(server::Exchange& exchange, const RouteMatch& asked) {
    const auto shape = asked.endpoint->endpoint_kind == EndpointKind::lmstudio_models
                           ? Listing::lmstudio
                           : listing_of(asked.ingress.dialect);
    const std::string_view base = asked.endpoint->path.ends_with('/')
                                      ? asked.endpoint->path.substr(0, asked.endpoint->path.size() - 1)
                                      : asked.endpoint->path;
    const auto path = exchange.head().path();
    if (path == base) {
        co_await reply_json(services_, exchange, 200, models_json(services_, shape));
        co_return;
    }
    const auto name = text::percent_decode(path.substr(base.size() + 1));
    auto body = name ? model_json(services_, shape, *name)
                     : fail(Code::invalid_request, "The model's name is not encoded rightly.");
    if (body) {
        co_await reply_json(services_, exchange, 200, std::move(*body));
    } else {
        co_await reply_error(services_, exchange, *wire::client_codec(asked.ingress.dialect),
                             std::move(body.error()));
    }
}

}  // namespace hearth::pipeline
