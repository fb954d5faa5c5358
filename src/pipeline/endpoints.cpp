#include "pipeline/endpoints.h"

#include "http/websocket.h"
#include "wire/codecs.h"
#include "wire/gemini/path.h"

namespace hearth::pipeline {

namespace {

using exchange::Dialect;
using exchange::Kind;

constexpr auto kOpenai = Dialect::openai;

constexpr Endpoint kTable[] = {
    // OpenAI, and those who copied its shapes: Jina and Cohere (rerank), Mistral (fim), DeepSeek (beta), LM Studio (v0)
    {"/v1/chat/completions", false, "POST", Role::work, kOpenai, Kind::chat},
    {"/v1/completions", false, "POST", Role::work, kOpenai, Kind::completion},
    {"/v1/embeddings", false, "POST", Role::work, kOpenai, Kind::embedding},
    {"/v1/rerank", false, "POST", Role::work, kOpenai, Kind::rerank},
    {"/v2/rerank", false, "POST", Role::work, kOpenai, Kind::rerank},
    {"/rerank", false, "POST", Role::work, kOpenai, Kind::rerank},
    {"/v1/fim/completions", false, "POST", Role::work, kOpenai, Kind::completion, "fim"},
    {"/beta/completions", false, "POST", Role::work, kOpenai, Kind::completion},
    {"/api/v0/chat/completions", false, "POST", Role::work, kOpenai, Kind::chat},
    {"/api/v0/completions", false, "POST", Role::work, kOpenai, Kind::completion},
    {"/api/v0/embeddings", false, "POST", Role::work, kOpenai, Kind::embedding},
    {"/v1/responses", false, "POST", Role::work, Dialect::responses, Kind::chat},
    {"/v1/responses/compact", false, "POST", Role::work, Dialect::responses, Kind::chat, "compact"},
    {"/v1/responses/input_tokens", false, "POST", Role::work, Dialect::responses, Kind::count},
    {"/v1/responses/", true, "", Role::stored, Dialect::responses},
    {"/v1/messages", false, "POST", Role::work, Dialect::anthropic, Kind::chat},
    {"/v1/messages/count_tokens", false, "POST", Role::work, Dialect::anthropic, Kind::count},
    // Passed on to a provider that has them
    {"/v1/audio/transcriptions", false, "POST", Role::work, kOpenai, Kind::audio},
    {"/v1/audio/translations", false, "POST", Role::work, kOpenai, Kind::audio},
    {"/v1/audio/speech", false, "POST", Role::work, kOpenai, Kind::audio},
    {"/v1/images/generations", false, "POST", Role::work, kOpenai, Kind::image},
    {"/v1/images/edits", false, "POST", Role::work, kOpenai, Kind::image},
    {"/v1/images/variations", false, "POST", Role::work, kOpenai, Kind::image},
    {"/v1/files", false, "", Role::files, kOpenai, Kind::file},
    {"/v1/files/", true, "", Role::files, kOpenai, Kind::file},
    {"/v1/batches", false, "", Role::batches, kOpenai, Kind::batch},
    {"/v1/batches/", true, "", Role::batches, kOpenai, Kind::batch},
    // Ollama: which shape a request has, its decoder finds out
    {"/api/chat", false, "POST", Role::work, Dialect::ollama, Kind::chat, "chat"},
    {"/api/generate", false, "POST", Role::work, Dialect::ollama, Kind::chat, "generate"},
    {"/api/embed", false, "POST", Role::work, Dialect::ollama, Kind::embedding, "embed"},
    {"/api/embeddings", false, "POST", Role::work, Dialect::ollama, Kind::embedding, "embeddings"},
    {"/completion", false, "POST", Role::work, Dialect::llama, Kind::completion, "completion"},
    {"/completions", false, "POST", Role::work, Dialect::llama, Kind::completion, "completion"},
    {"/infill", false, "POST", Role::work, Dialect::llama, Kind::completion, "infill"},
    // What there is
    {"/v1/models", false, "GET", Role::models},
    {"/v1/models/", true, "GET", Role::models},
    {"/v1beta/models", false, "GET", Role::models, Dialect::gemini},
    {"/v1beta/models/", true, "GET", Role::models, Dialect::gemini},
    {"/api/v0/models", false, "GET", Role::lmstudio_models},
    {"/api/v0/models/", true, "GET", Role::lmstudio_models},
    // The other programs' own APIs beside that: admin/ has a table of its own for what stands under these
    {"/api/", true, "", Role::native, Dialect::ollama},
    {"/props", false, "", Role::native, Dialect::llama},
    {"/slots", false, "", Role::native, Dialect::llama},
    {"/tokenize", false, "", Role::native, Dialect::llama},
    {"/detokenize", false, "", Role::native, Dialect::llama},
    {"/apply-template", false, "", Role::native, Dialect::llama},
    {"/health", false, "GET", Role::probe, Dialect::llama},
    {"/v1/health", false, "GET", Role::probe, Dialect::llama},
    {"/healthz", false, "GET", Role::probe},
    {"/readyz", false, "GET", Role::probe},
    {"/metrics", false, "GET", Role::probe},
    {"/hearth/v1/", true, "", Role::admin},
    {"/", false, "GET", Role::root},
};

// Gemini writes model and method into the path: one row for all of them.
constexpr Endpoint kGemini{"/v1beta/models/", true, "POST", Role::work, Dialect::gemini, Kind::chat};

// The same path is a WebSocket when the client asks for one.
constexpr Endpoint kSocket{"/v1/responses", false, "GET", Role::socket, Dialect::responses};

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

Asked find_endpoint(const http::RequestHead& head) {
    Asked asked;
    asked.endpoint = find_row(head.path());
    const bool fits = asked.endpoint && method_fits(*asked.endpoint, head.method);
    // Gemini's paths name the model: they are taken apart only where no row answers.
    if (!fits && head.method == "POST") {
        if (auto call = wire::gemini::parse_path(head.path(), head.query())) {
            asked.endpoint = &kGemini;
            asked.ingress = {Dialect::gemini, std::move(*call)};
            return asked;
        }
    }
    if (!fits && head.path() == kSocket.path && http::wants_websocket(head)) {
        asked.endpoint = &kSocket;
        asked.ingress = {Dialect::responses, {}};
        return asked;
    }
    asked.ingress.dialect = dialect_of(head, asked.endpoint);
    if (!asked.endpoint) return asked;
    asked.ingress.call.kind = asked.endpoint->kind;
    asked.ingress.call.endpoint = asked.endpoint->name;
    return asked;
}

bool method_fits(const Endpoint& endpoint, std::string_view method) {
    return endpoint.method.empty() || method == endpoint.method ||
           (endpoint.method == "GET" && method == "HEAD");
}

}  // namespace hearth::pipeline
