#include "gateway/endpoints.h"

#include "http/websocket.h"
#include "wire/codecs.h"
#include "wire/gemini/path.h"

namespace hearth::gateway {

namespace {

using exchange::Dialect;
using exchange::Kind;

constexpr auto kOpenai = Dialect::openai;

constexpr Endpoint kTable[] = {
    // OpenAI, and those who copied its shapes: Jina and Cohere (rerank), Mistral (fim), DeepSeek (beta), LM Studio (v0)
    {"/v1/chat/completions", false, "POST", EndpointKind::inference, kOpenai, Kind::chat},
    {"/v1/completions", false, "POST", EndpointKind::inference, kOpenai, Kind::completion},
    {"/v1/embeddings", false, "POST", EndpointKind::inference, kOpenai, Kind::embedding},
    {"/v1/rerank", false, "POST", EndpointKind::inference, kOpenai, Kind::rerank},
    {"/v2/rerank", false, "POST", EndpointKind::inference, kOpenai, Kind::rerank},
    {"/rerank", false, "POST", EndpointKind::inference, kOpenai, Kind::rerank},
    {"/v1/fim/completions", false, "POST", EndpointKind::inference, kOpenai, Kind::completion, "fim"},
    {"/beta/completions", false, "POST", EndpointKind::inference, kOpenai, Kind::completion},
    {"/api/v0/chat/completions", false, "POST", EndpointKind::inference, kOpenai, Kind::chat},
    {"/api/v0/completions", false, "POST", EndpointKind::inference, kOpenai, Kind::completion},
    {"/api/v0/embeddings", false, "POST", EndpointKind::inference, kOpenai, Kind::embedding},
    {"/v1/responses", false, "POST", EndpointKind::response, Dialect::responses, Kind::chat},
    {"/v1/responses/compact", false, "POST", EndpointKind::response, Dialect::responses, Kind::chat,
     "compact"},
    {"/v1/responses/input_tokens", false, "POST", EndpointKind::inference, Dialect::responses, Kind::count},
    {"/v1/responses/", true, "", EndpointKind::stored_response, Dialect::responses},
    {"/v1/messages", false, "POST", EndpointKind::inference, Dialect::anthropic, Kind::chat},
    {"/v1/messages/count_tokens", false, "POST", EndpointKind::inference, Dialect::anthropic, Kind::count},
    // Passed on to a provider that has them
    {"/v1/audio/transcriptions", false, "POST", EndpointKind::inference, kOpenai, Kind::audio},
    {"/v1/audio/translations", false, "POST", EndpointKind::inference, kOpenai, Kind::audio},
    {"/v1/audio/speech", false, "POST", EndpointKind::inference, kOpenai, Kind::audio},
    {"/v1/images/generations", false, "POST", EndpointKind::inference, kOpenai, Kind::image},
    {"/v1/images/edits", false, "POST", EndpointKind::inference, kOpenai, Kind::image},
    {"/v1/images/variations", false, "POST", EndpointKind::inference, kOpenai, Kind::image},
    {"/v1/files", false, "", EndpointKind::files, kOpenai, Kind::file},
    {"/v1/files/", true, "", EndpointKind::files, kOpenai, Kind::file},
    {"/v1/batches", false, "", EndpointKind::batches, kOpenai, Kind::batch},
    {"/v1/batches/", true, "", EndpointKind::batches, kOpenai, Kind::batch},
    // Ollama: which shape a request has, its decoder finds out
    {"/api/chat", false, "POST", EndpointKind::inference, Dialect::ollama, Kind::chat, "chat"},
    {"/api/generate", false, "POST", EndpointKind::inference, Dialect::ollama, Kind::chat, "generate"},
    {"/api/embed", false, "POST", EndpointKind::inference, Dialect::ollama, Kind::embedding, "embed"},
    {"/api/embeddings", false, "POST", EndpointKind::inference, Dialect::ollama, Kind::embedding,
     "embeddings"},
    {"/completion", false, "POST", EndpointKind::inference, Dialect::llama, Kind::completion, "completion"},
    {"/completions", false, "POST", EndpointKind::inference, Dialect::llama, Kind::completion, "completion"},
    {"/infill", false, "POST", EndpointKind::inference, Dialect::llama, Kind::completion, "infill"},
    // What there is
    {"/v1/models", false, "GET", EndpointKind::models},
    {"/v1/models/", true, "GET", EndpointKind::models},
    {"/v1beta/models", false, "GET", EndpointKind::models, Dialect::gemini},
    {"/v1beta/models/", true, "GET", EndpointKind::models, Dialect::gemini},
    {"/api/v0/models", false, "GET", EndpointKind::lmstudio_models},
    {"/api/v0/models/", true, "GET", EndpointKind::lmstudio_models},
    // The other programs' own APIs beside that: admin/ has a table of its own for what stands under these
    {"/api/", true, "", EndpointKind::compat, Dialect::ollama},
    {"/props", false, "", EndpointKind::compat, Dialect::llama},
    {"/slots", false, "", EndpointKind::compat, Dialect::llama},
    {"/tokenize", false, "", EndpointKind::compat, Dialect::llama},
    {"/detokenize", false, "", EndpointKind::compat, Dialect::llama},
    {"/apply-template", false, "", EndpointKind::compat, Dialect::llama},
    {"/health", false, "GET", EndpointKind::probe, Dialect::llama},
    {"/v1/health", false, "GET", EndpointKind::probe, Dialect::llama},
    {"/healthz", false, "GET", EndpointKind::probe},
    {"/readyz", false, "GET", EndpointKind::probe},
    {"/metrics", false, "GET", EndpointKind::probe},
    {"/hearth/v1/", true, "", EndpointKind::admin},
    {"/", false, "GET", EndpointKind::root},
};

// Gemini writes model and method into the path: one row for all of them.
constexpr Endpoint kGemini{"/v1beta/models/", true,      "POST", EndpointKind::inference,
                           Dialect::gemini,   Kind::chat};

// The same path is a WebSocket when the client asks for one.
constexpr Endpoint kSocket{"/v1/responses", false, "GET", EndpointKind::socket, Dialect::responses};

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
    // The list of models is one path for three vendors; every other path has its own dialect.
    const bool shared = row && row->path.starts_with("/v1/models");
    if (row && !shared) dialect = row->dialect;
    if (!row) {
        for (const auto& prefix : kPrefixes) {
            if (head.path().starts_with(prefix.path)) dialect = prefix.dialect;
        }
    }
    return wire::client_codec(dialect) ? dialect : Dialect::openai;
}

}  // namespace

RouteMatch find_endpoint(const http::RequestHead& head) {
    RouteMatch match;
    match.endpoint = find_row(head.path());
    const bool fits = match.endpoint && method_fits(*match.endpoint, head.method);
    // Gemini's paths name the model: they are taken apart only where no row answers.
    if (!fits && head.method == "POST") {
        if (auto call = wire::gemini::parse_path(head.path(), head.query())) {
            match.endpoint = &kGemini;
            match.ingress = {Dialect::gemini, std::move(*call)};
            return match;
        }
    }
    if (!fits && head.path() == kSocket.path && http::wants_websocket(head)) {
        match.endpoint = &kSocket;
        match.ingress = {Dialect::responses, {}};
        return match;
    }
    match.ingress.dialect = dialect_of(head, match.endpoint);
    if (!match.endpoint) return match;
    match.ingress.call.kind = match.endpoint->kind;
    match.ingress.call.endpoint = match.endpoint->name;
    return match;
}

bool method_fits(const Endpoint& endpoint, std::string_view method) {
    return endpoint.method.empty() || method == endpoint.method ||
           (endpoint.method == "GET" && method == "HEAD");
}

}  // namespace hearth::gateway
