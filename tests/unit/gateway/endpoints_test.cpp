// Which endpoint and which dialect a path, a method and headers mean.
#include "gateway/endpoints.h"

#include <doctest/doctest.h>

#include "upstream/model_directory.h"
#include "wire/anthropic/models.h"

namespace endpoints_test {

using namespace hearth;
using exchange::Dialect;
using exchange::Kind;
using gateway::EndpointKind;

namespace {

gateway::RouteMatch match(std::string_view method, std::string_view target,
                          std::initializer_list<std::pair<std::string_view, std::string_view>> headers = {}) {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    for (const auto& [name, value] : headers) head.headers.append(name, value);
    return gateway::find_endpoint(head);
}

}  // namespace

TEST_CASE("endpoints of dialects are found by their rows, with kind and endpoint name") {
    struct Expected {
        std::string_view path;
        EndpointKind kind;
        Dialect dialect;
        Kind request;
    };
    const Expected all[] = {
        {"/v1/chat/completions", EndpointKind::inference, Dialect::openai, Kind::chat},
        {"/v1/embeddings", EndpointKind::inference, Dialect::openai, Kind::embedding},
        {"/v1/responses", EndpointKind::response, Dialect::responses, Kind::chat},
        {"/v1/responses/compact", EndpointKind::response, Dialect::responses, Kind::chat},
        {"/v1/responses/input_tokens", EndpointKind::inference, Dialect::responses, Kind::count},
        {"/v1/messages", EndpointKind::inference, Dialect::anthropic, Kind::chat},
        {"/v1beta/models/m:generateContent", EndpointKind::inference, Dialect::gemini, Kind::chat},
        {"/api/chat", EndpointKind::inference, Dialect::ollama, Kind::chat},
        {"/api/pull", EndpointKind::compat, Dialect::ollama, Kind::chat},
        {"/infill", EndpointKind::inference, Dialect::llama, Kind::completion},
        {"/v1/files", EndpointKind::files, Dialect::openai, Kind::file},
        {"/v1/batches/b/cancel", EndpointKind::batches, Dialect::openai, Kind::batch},
        {"/hearth/v1/status", EndpointKind::admin, Dialect::openai, Kind::chat}};
    for (const auto& expected : all) {
        CAPTURE(expected.path);
        const auto found = match("POST", expected.path);
        CHECK(found.found);
        CHECK(found.method_fits);
        CHECK(found.kind == expected.kind);
        CHECK(found.ingress.dialect == expected.dialect);
        if (expected.kind == EndpointKind::inference) CHECK(found.ingress.call.kind == expected.request);
    }
}

TEST_CASE("what belongs to no dialect is found before the dialects' more general paths") {
    CHECK(match("GET", "/api/v0/models").kind == EndpointKind::lmstudio_models);
    CHECK(match("GET", "/healthz").kind == EndpointKind::probe);
    CHECK(match("GET", "/").kind == EndpointKind::root);
    CHECK_FALSE(match("POST", "/metrics").method_fits);
}

TEST_CASE("headers tell clients apart where dialects share a path") {
    CHECK(match("GET", "/v1/models").ingress.dialect == Dialect::openai);
    CHECK(match("GET", "/v1/models", {{"anthropic-version", "2023-06-01"}}).ingress.dialect ==
          Dialect::anthropic);
    CHECK(match("GET", "/v1/models", {{"x-goog-api-key", "k"}}).ingress.dialect == Dialect::gemini);
}

TEST_CASE("an unknown path has the dialect of its prefix, for its error") {
    const auto unknown = match("POST", "/v1/messages/x");
    CHECK_FALSE(unknown.found);
    CHECK(unknown.ingress.dialect == Dialect::anthropic);
    CHECK_FALSE(match("POST", "/nothing").found);
}

TEST_CASE("the responses path is a socket only for a client that asks for one") {
    CHECK_FALSE(match("GET", "/v1/responses").method_fits);
    CHECK(match("GET", "/v1/responses",
                {{"connection", "upgrade"},
                 {"upgrade", "websocket"},
                 {"sec-websocket-version", "13"},
                 {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}})
              .kind == EndpointKind::socket);
}

TEST_CASE("the alias under which Claude Code lists models is the one that is resolved") {
    CHECK(wire::anthropic::kMenuPrefix == upstream::kClaudeAlias);
}

}  // namespace endpoints_test
