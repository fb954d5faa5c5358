#include "pipeline/endpoints.h"

#include "wire/codecs.h"

namespace hearth::pipeline {

namespace {

using exchange::Dialect;
using exchange::Kind;

constexpr auto kOpenai = Dialect::openai;

constexpr Endpoint kTable[] = {
    {"/v1/chat/completions", false, "POST", Role::work, kOpenai, Kind::chat},
    {"/v1/completions", false, "POST", Role::work, kOpenai, Kind::completion},
    {"/v1/embeddings", false, "POST", Role::work, kOpenai, Kind::embedding},
    {"/v1/models", false, "GET", Role::models},
    {"/v1/models/", true, "GET", Role::models},
    {"/healthz", false, "GET", Role::probe},
    {"/readyz", false, "GET", Role::probe},
    {"/metrics", false, "GET", Role::probe},
    {"/hearth/v1/", true, "", Role::admin},
    {"/", false, "GET", Role::root},
};

const Endpoint* find_row(std::string_view path) {
    for (const auto& row : kTable) {
        if (row.prefix ? path.starts_with(row.path) : path == row.path) return &row;
    }
    return nullptr;
}

// Whose client it is when the path does not say it: vendors' own headers.
Dialect dialect_by_headers(const http::HeaderList& headers) {
    if (headers.contains("anthropic-version")) return Dialect::anthropic;
    if (headers.contains("x-goog-api-key")) return Dialect::gemini;
    return Dialect::openai;
}

struct Prefix {
    std::string_view path;
    Dialect dialect;
};
constexpr Prefix kPrefixes[] = {{"/v1/messages", Dialect::anthropic},
                                {"/v1/responses", Dialect::responses},
                                {"/v1beta/", Dialect::gemini},
                                {"/api/", Dialect::ollama}};

Dialect dialect_of(const http::RequestHead& head, const Endpoint* row) {
    auto dialect = dialect_by_headers(head.headers);
    if (row && row->role == Role::work) dialect = row->dialect;
    if (!row) {
        for (const auto& prefix : kPrefixes) {
            if (head.path().starts_with(prefix.path)) dialect = prefix.dialect;
        }
    }
    return wire::client_codec(dialect) ? dialect : Dialect::openai;
}

}  // namespace

Asked find_endpoint(const http::RequestHead& head) {
    Asked asked;
    asked.endpoint = find_row(head.path());
    asked.ingress.dialect = dialect_of(head, asked.endpoint);
    if (!asked.endpoint) return asked;
    asked.ingress.call.kind = asked.endpoint->kind;
    asked.ingress.call.endpoint = asked.endpoint->name;
    asked.ingress.own_shape = asked.endpoint->own_shape;
    return asked;
}

bool method_fits(const Endpoint& endpoint, std::string_view method) {
    return endpoint.method.empty() || method == endpoint.method ||
           (endpoint.method == "GET" && method == "HEAD");
}

std::span<const Endpoint> endpoints() {
    return kTable;
}

}  // namespace hearth::pipeline
