#include "gateway/reply.h"

#include "gateway/services.h"
#include "wire/openai/codec.h"

namespace hearth::gateway {

namespace {
http::HeaderList common_headers(Services& services, server::Exchange& exchange,
                                std::string_view content_type) {
    http::HeaderList headers;
    headers.append("content-type", content_type);
    headers.append("x-hearth-request-id", exchange.id());
    if (const auto origin = services.access.cors_origin(exchange.head())) {
        headers.append("access-control-allow-origin", *origin);
        headers.append("vary", "origin");
    }
    return headers;
}
}  // namespace

Task<void> reply_error(Services& services, server::Exchange& exchange, const wire::ClientCodec& dialect,
                       Error error) {
    auto reply = dialect.error(error);
    auto headers = common_headers(services, exchange, "application/json");
    if (reply.retry_after_s) headers.append("retry-after", std::to_string(*reply.retry_after_s));
    [[maybe_unused]] const auto sent = co_await exchange.respond(reply.status, headers, reply.body);
}

Task<void> reply_error(Services& services, server::Exchange& exchange, Error error) {
    co_await reply_error(services, exchange, wire::openai::client_codec(), std::move(error));
}

Task<void> reply_text(Services& services, server::Exchange& exchange, int status, std::string body,
                      std::string content_type) {
    const auto headers = common_headers(services, exchange, content_type);
    [[maybe_unused]] const auto sent = co_await exchange.respond(status, headers, body);
}

Task<void> reply_json(Services& services, server::Exchange& exchange, int status, std::string body) {
    co_await reply_text(services, exchange, status, std::move(body), "application/json");
}

}  // namespace hearth::gateway
