#include "gateway/gateway.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/endpoints.h"
#include "gateway/model_lists.h"
#include "gateway/reply.h"
#include "text/url.h"
#include "wire/codecs.h"

namespace hearth::gateway {

namespace {

Error wrong_method(const RouteMatch& match, std::string_view method) {
    auto error =
        fail(Code::method_not_allowed, fmt::format("{} takes {}, not {}.", match.path, match.method, method));
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
    auto match = find_endpoint(head);
    const bool fits = match.found && match.method_fits;
    // Probes come from load balancers and scrapers, which have neither our names nor our keys, and learn nothing secret.
    if (fits && match.kind == EndpointKind::probe) {
        co_await answer_probe(exchange);
        co_return;
    }
    if (head.method == "OPTIONS") {
        co_await answer_preflight(services_, exchange);
        co_return;
    }
    const auto& dialect = *wire::client_codec(match.ingress.dialect);
    auto caller = services_.access.admit(head, exchange.peer());
    if (!caller) {
        services_.ports.metrics.refused_at_door();
        co_await reply_error(services_, exchange, dialect, std::move(caller.error()));
        co_return;
    }
    if (!fits) {
        auto error = match.found ? wrong_method(match, head.method) : unknown_path(head.method, head.path());
        co_await reply_error(services_, exchange, dialect, std::move(error));
        co_return;
    }
    const auto kind = match.kind;
    if (kind == EndpointKind::models || kind == EndpointKind::lmstudio_models) {
        co_await answer_models(exchange, match);
    } else if (kind == EndpointKind::root) {
        co_await reply_text(services_, exchange, 200, "Hearth is running\n", "text/plain");
    } else {
        const auto& handler = handlers_[static_cast<std::size_t>(kind)];
        co_await handler(exchange, *caller, match.ingress);
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
    const auto ledger = services_.ports.ledger.health();
    const bool ready = ready_ && ledger.writable;
    const char* why = !ready_ ? "starting" : "the ledger cannot be written: clouds are refused";
    co_await reply_json(services_, exchange, ready ? 200 : 503,
                        ready ? std::string("{\"status\":\"ready\"}")
                              : fmt::format("{{\"status\":\"not ready\",\"why\":\"{}\"}}", why));
}

Task<void> Gateway::answer_models(server::Exchange& exchange, const RouteMatch& match) {
    const auto writer =
        match.kind == EndpointKind::lmstudio_models ? ListFormat::lmstudio : ListFormat::dialect;
    const auto dialect = match.ingress.dialect;
    const std::string_view base =
        match.path.ends_with('/') ? match.path.substr(0, match.path.size() - 1) : match.path;
    const auto path = exchange.head().path();
    if (path == base) {
        co_await reply_json(services_, exchange, 200, models_json(services_, writer, dialect));
        co_return;
    }
    const auto name = text::percent_decode(path.substr(base.size() + 1));
    auto body = name ? model_json(services_, writer, dialect, *name)
                     : fail(Code::invalid_request, "The model's name is not percent-encoded correctly.");
    if (body) {
        co_await reply_json(services_, exchange, 200, std::move(*body));
    } else {
        co_await reply_error(services_, exchange, *wire::client_codec(dialect), std::move(body.error()));
    }
}

}  // namespace hearth::gateway
