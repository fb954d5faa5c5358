#include "pipeline/gateway.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/listing.h"
#include "pipeline/reply.h"
#include "pipeline/road.h"
#include "text/url.h"

namespace hearth::pipeline {

namespace {

enum class Endpoint : std::uint8_t { chat, completions, embeddings, models, probe, admin, root };

struct Row {
    std::string_view path;
    bool prefix;
    std::string_view method;
    Endpoint endpoint;
};
constexpr Row kTable[] = {
    {"/v1/chat/completions", false, "POST", Endpoint::chat},
    {"/v1/completions", false, "POST", Endpoint::completions},
    {"/v1/embeddings", false, "POST", Endpoint::embeddings},
    {"/v1/models", false, "GET", Endpoint::models},
    {"/v1/models/", true, "GET", Endpoint::models},
    {"/healthz", false, "GET", Endpoint::probe},
    {"/readyz", false, "GET", Endpoint::probe},
    {"/metrics", false, "GET", Endpoint::probe},
    {"/hearth/v1/", true, "", Endpoint::admin},
    {"/", false, "GET", Endpoint::root},
};

const Row* find_row(std::string_view path) {
    for (const auto& row : kTable) {
        if (row.prefix ? path.starts_with(row.path) : path == row.path) return &row;
    }
    return nullptr;
}

bool method_fits(const Row& row, std::string_view method) {
    return row.method.empty() || method == row.method || (row.method == "GET" && method == "HEAD");
}

Error unknown_path(std::string_view method, std::string_view path) {
    auto error = fail(Code::not_found,
                      fmt::format("No endpoint {} {}. Hearth serves /v1/chat/completions, /v1/completions, "
                                  "/v1/embeddings and /v1/models.",
                                  method, path.substr(0, 200)));
    return std::move(error.error());
}

Error wrong_method(const Row& row, std::string_view method) {
    auto error =
        fail(Code::method_not_allowed, fmt::format("{} takes {}, not {}.", row.path, row.method, method));
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
    const auto path = head.path();
    const auto* row = find_row(path);
    // Probes come from load balancers and scrapers, which know neither our names nor our keys, and learn nothing secret.
    if (row && row->endpoint == Endpoint::probe && method_fits(*row, head.method)) {
        co_await answer_probe(exchange);
        co_return;
    }
    if (head.method == "OPTIONS") {
        co_await answer_preflight(services_, exchange);
        co_return;
    }
    auto caller = services_.access.admit(head, exchange.peer());
    if (!caller) {
        services_.metrics.refused_at_door();
        co_await reply_error(services_, exchange, std::move(caller.error()));
        co_return;
    }
    if (!row || !method_fits(*row, head.method)) {
        auto error = row ? wrong_method(*row, head.method) : unknown_path(head.method, path);
        co_await reply_error(services_, exchange, std::move(error));
        co_return;
    }
    switch (row->endpoint) {
        case Endpoint::chat:
            co_await travel(services_, exchange, std::move(*caller), exchange::Kind::chat);
            break;
        case Endpoint::completions:
            co_await travel(services_, exchange, std::move(*caller), exchange::Kind::completion);
            break;
        case Endpoint::embeddings:
            co_await travel(services_, exchange, std::move(*caller), exchange::Kind::embedding);
            break;
        case Endpoint::models:
            co_await answer_models(exchange, path);
            break;
        case Endpoint::admin:
            co_await admin_(exchange, *caller);
            break;
        case Endpoint::root:
            co_await reply_text(services_, exchange, 200, "Hearth is running\n", "text/plain");
            break;
        case Endpoint::probe:
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
    if (path == "/healthz") {
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

Task<void> Gateway::answer_models(server::Exchange& exchange, std::string_view path) {
    constexpr std::string_view kPrefix = "/v1/models";
    if (path == kPrefix) {
        co_await reply_json(services_, exchange, 200, models_json(services_));
        co_return;
    }
    const auto name = text::percent_decode(path.substr(kPrefix.size() + 1));
    auto body = name ? model_json(services_, *name)
                     : fail(Code::invalid_request, "The model's name is not encoded rightly.");
    if (body) {
        co_await reply_json(services_, exchange, 200, std::move(*body));
    } else {
        co_await reply_error(services_, exchange, std::move(body.error()));
    }
}

}  // namespace hearth::pipeline
