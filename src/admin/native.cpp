// Other programs' own APIs beside models' work: path and method to endpoint.
#include <fmt/format.h>

#include "admin/admin.h"
#include "pipeline/reply.h"
#include "wire/codecs.h"
#include "wire/ollama/models.h"

namespace hearth::admin {

namespace {

exchange::Dialect dialect_of(std::string_view path) {
    return path.starts_with("/api/") ? exchange::Dialect::ollama : exchange::Dialect::llama;
}

}  // namespace

Task<void> Admin::handle_native(server::Exchange& exchange, const pipeline::Caller&) {
    const auto path = exchange.head().path();
    if (path == "/api/version") {
        co_await pipeline::reply_json(services_, exchange, 200, wire::ollama::encode_version());
        co_return;
    }
    auto error =
        fail(Code::not_found, fmt::format("No endpoint {} {}.", exchange.head().method, path.substr(0, 200)));
    co_await pipeline::reply_error(services_, exchange, *wire::client_codec(dialect_of(path)),
                                   std::move(error.error()));
}

}  // namespace hearth::admin
