// Gemini's endpoints: what a path and a query say, and the list of models.
#include <doctest/doctest.h>

#include "wire/codecs.h"
#include "wire/gemini/codec.h"
#include "wire/gemini/models.h"

namespace gemini_path_test {

using namespace hearth;
using exchange::Kind;
namespace gemini = hearth::wire::gemini;

namespace {

std::string parsed(std::string_view path, std::string_view query = {}) {
    const auto call = gemini::parse_path(path, query);
    if (!call) return "none";
    return call->model + " " + std::string(call->endpoint) + " " +
           std::string(exchange::kind_name(call->kind)) + (call->stream == true ? " stream" : "");
}

}  // namespace

TEST_CASE("gemini paths name the model, the method and the framing") {
    CHECK(parsed("/v1beta/models/gemini-x:generateContent") == "gemini-x generateContent chat");
    CHECK(parsed("/v1/models/gemini-x:countTokens") == "gemini-x countTokens count");
    CHECK(parsed("/v1beta/models/g:streamGenerateContent", "alt=sse&key=k") ==
          "g streamGenerateContent chat stream");
    CHECK(parsed("/v1beta/models/g:streamGenerateContent", "$alt=sse") ==
          "g streamGenerateContent chat stream");
    CHECK(parsed("/v1beta/models/g:streamGenerateContent") == "g streamGenerateContent:array chat stream");
    CHECK(parsed("/v1beta/models/g:streamGenerateContent", "alt=json") ==
          "g streamGenerateContent:array chat stream");
    CHECK(parsed("/v1beta/models/e:embedContent") == "e embedContent embedding");
    CHECK(parsed("/v1/models/e:batchEmbedContents") == "e batchEmbedContents embedding");
}

TEST_CASE("gemini models are written in several ways") {
    CHECK(parsed("/v1beta/models/openai/gpt-5.5:generateContent") == "openai/gpt-5.5 generateContent chat");
    CHECK(parsed("/v1beta/openai/gpt-5.5:generateContent") == "openai/gpt-5.5 generateContent chat");
    CHECK(parsed("/v1beta/models/openai%2Fgpt-5.5:generateContent") == "openai/gpt-5.5 generateContent chat");
    CHECK(parsed("/v1beta/models/llama3%3A8b:generateContent") == "llama3:8b generateContent chat");
    CHECK(parsed("/v1beta/models/llama3:8b:generateContent") == "llama3:8b generateContent chat");
    CHECK(parsed("/v1beta/models/models/x:generateContent") == "x generateContent chat");
    CHECK(parsed("/v1beta/tunedModels/t-1:generateContent") == "tunedModels/t-1 generateContent chat");
    CHECK(parsed("/v1beta/models/publishers/google/models/x:generateContent") == "x generateContent chat");
    CHECK(parsed("/v1beta1/publishers/google/models/x:countTokens") == "x countTokens count");
    CHECK(parsed("/v1/projects/p/locations/eu/publishers/google/models/x:generateContent") ==
          "x generateContent chat");
}

TEST_CASE("paths that are not Gemini endpoints") {
    for (const auto* path :
         {"/v1/models", "/v1/models/x", "/v1beta/models/x:delete", "/v1beta/models/:generateContent",
          "/v2/models/x:generateContent", "/v1beta/files/x:generateContent", "/v1/models/%zz:generateContent",
          "/v1/models/%ff:generateContent", "/v1/projects/p:generateContent",
          "/v1/publishers/google:generateContent"}) {
        CAPTURE(path);
        CHECK(parsed(path) == "none");
    }
    CHECK(parsed("/v1/models/" + std::string(600, 'm') + ":generateContent") == "none");
}

TEST_CASE("the codecs are found and give the endpoints of an upstream") {
    const auto* upstream = wire::upstream_codec(exchange::Dialect::gemini);
    const auto* client = wire::client_codec(exchange::Dialect::gemini);
    REQUIRE(upstream == &gemini::upstream_codec());
    REQUIRE(client == &gemini::client_codec());
    CHECK(upstream->path(Kind::chat, "gemini-x", false) == "/models/gemini-x:generateContent");
    CHECK(upstream->path(Kind::chat, "gemini-x", true) == "/models/gemini-x:streamGenerateContent?alt=sse");
    CHECK(upstream->path(Kind::count, "models/gemini-x", false) == "/models/gemini-x:countTokens");
    CHECK(upstream->path(Kind::embedding, "e m", false) == "/models/e%20m:batchEmbedContents");
    CHECK(upstream->path(Kind::chat, "tunedModels/t", false) == "/tunedModels/t:generateContent");
    CHECK_FALSE(upstream->path(Kind::completion, "x", false));
    CHECK_FALSE(upstream->path(Kind::rerank, "x", false));
    CHECK(client->stream_type({.endpoint = "streamGenerateContent"}) == "text/event-stream");
    CHECK(client->stream_type({.endpoint = "streamGenerateContent:array"}) == "application/json");
    CHECK(client->keep_alive() == "\n");
}

TEST_CASE("models in google's shape") {
    const gemini::ModelEntry chat{
        .id = "x", .display_name = "X", .description = "d", .input_tokens = 8192, .output_tokens = 1024};
    const gemini::ModelEntry embedding{.id = "models/e", .chat = false, .embedding = true};
    CHECK(
        gemini::encode_model(chat) ==
        R"({"name":"models/x","displayName":"X","description":"d","inputTokenLimit":8192,"outputTokenLimit":1024,)"
        R"("supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens"]})");
    const gemini::ModelEntry both[] = {chat, embedding};
    CHECK(gemini::encode_models(both) ==
          R"({"models":[)" + gemini::encode_model(chat) +
              R"(,{"name":"models/e","displayName":"models/e",)"
              R"("supportedGenerationMethods":["embedContent","batchEmbedContents"]}]})");
}

}  // namespace gemini_path_test
