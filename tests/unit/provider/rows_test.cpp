// What goes out to each provider of the catalogue: address, path and proof, for each kind.
#include <doctest/doctest.h>

#include <fstream>

#include "provider/outbound.h"
#include "provider/provider.h"
#include "wire/dialects.h"

namespace rows_test {

using namespace hearth;
using namespace hearth::provider;
using exchange::Dialect;
using exchange::Kind;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Registry build(Variables env, const config::Config& config = {}) {
    auto registry = Registry::build(config, config::Environment(std::move(env)));
    INFO((registry ? std::string{} : registry.error()->message));
    REQUIRE(registry);
    return std::move(*registry);
}

const Wire& wire_of(const Provider& row, Dialect dialect) {
    const auto found = std::ranges::find(row.wires, dialect, &Wire::dialect);
    REQUIRE(found != row.wires.end());
    return *found;
}

// "host target name: value", the key's field last.
std::string out(const Registry& registry, const char* id, Dialect dialect, Kind kind, const char* path,
                const char* field) {
    const auto* const row = registry.find(id);
    REQUIRE(row);
    const auto head = common_head(*row, wire_of(*row, dialect), kind, std::string(path), false);
    if (!head) return std::string(code_name(head.error()->code));
    return head->host + " " + head->target + " " + std::string(head->headers.get(field));
}

}  // namespace

TEST_CASE("each vendor at its own address, with the key where it belongs") {
    const auto registry = build({{"ANTHROPIC_API_KEY", "ka"},
                                 {"GEMINI_API_KEY", "kg"},
                                 {"DEEPSEEK_API_KEY", "kd"},
                                 {"MISTRAL_API_KEY", "km"},
                                 {"COHERE_API_KEY", "kc"},
                                 {"CEREBRAS_API_KEY", "kb"},
                                 {"NVIDIA_API_KEY", "kn"},
                                 {"PERPLEXITY_API_KEY", "kp"},
                                 {"OPENROUTER_API_KEY", "kr"},
                                 {"GITHUB_MODELS_TOKEN", "kh"}});
    struct Row {
        const char* id;
        Dialect dialect;
        Kind kind;
        const char* path;
        const char* field;
        const char* want;
    };
    const Row rows[] = {
        {"anthropic", Dialect::anthropic, Kind::chat, "/messages", "x-api-key",
         "api.anthropic.com /v1/messages ka"},
        {"anthropic", Dialect::anthropic, Kind::count, "/messages/count_tokens", "x-api-key",
         "api.anthropic.com /v1/messages/count_tokens ka"},
        {"anthropic", Dialect::anthropic, Kind::chat, "/messages", "anthropic-version",
         "api.anthropic.com /v1/messages 2023-06-01"},
        {"google", Dialect::gemini, Kind::chat, "/models/m:generateContent", "x-goog-api-key",
         "generativelanguage.googleapis.com /v1beta/models/m:generateContent kg"},
        {"google", Dialect::gemini, Kind::embedding, "/models/m:embedContent", "x-goog-api-key",
         "generativelanguage.googleapis.com /v1beta/models/m:embedContent kg"},
        {"google", Dialect::openai, Kind::chat, "/chat/completions", "authorization",
         "generativelanguage.googleapis.com /v1beta/openai/chat/completions Bearer kg"},
        {"google", Dialect::openai, Kind::completion, "/completions", "authorization", "unsupported"},
        {"deepseek", Dialect::openai, Kind::chat, "/chat/completions", "authorization",
         "api.deepseek.com /chat/completions Bearer kd"},
        {"deepseek", Dialect::anthropic, Kind::chat, "/messages", "x-api-key",
         "api.deepseek.com /anthropic/v1/messages kd"},
        {"deepseek", Dialect::anthropic, Kind::count, "/messages/count_tokens", "x-api-key", "unsupported"},
        {"mistral", Dialect::openai, Kind::completion, "/fim/completions", "authorization",
         "api.mistral.ai /v1/fim/completions Bearer km"},
        {"cohere", Dialect::openai, Kind::chat, "/chat/completions", "authorization",
         "api.cohere.ai /compatibility/v1/chat/completions Bearer kc"},
        {"cohere", Dialect::openai, Kind::embedding, "/embeddings", "authorization",
         "api.cohere.ai /compatibility/v1/embeddings Bearer kc"},
        {"cohere", Dialect::openai, Kind::rerank, "/rerank", "authorization",
         "api.cohere.ai /v2/rerank Bearer kc"},
        {"cerebras", Dialect::openai, Kind::chat, "/chat/completions", "authorization",
         "api.cerebras.ai /v1/chat/completions Bearer kb"},
        {"nvidia", Dialect::openai, Kind::chat, "/chat/completions", "authorization",
         "integrate.api.nvidia.com /v1/chat/completions Bearer kn"},
        {"perplexity", Dialect::responses, Kind::chat, "/responses", "authorization",
         "api.perplexity.ai /v1/responses Bearer kp"},
        {"openrouter", Dialect::anthropic, Kind::chat, "/messages", "authorization",
         "openrouter.ai /api/v1/messages Bearer kr"},
        {"github-models", Dialect::openai, Kind::chat, "/chat/completions", "authorization",
         "models.github.ai /inference/chat/completions Bearer kh"},
        {"ollama", Dialect::ollama, Kind::chat, "/api/chat", "authorization", "127.0.0.1:11434 /api/chat "},
        {"llama-server", Dialect::llama, Kind::completion, "/completion", "authorization",
         "127.0.0.1:8080 /completion "},
        {"llama-server", Dialect::anthropic, Kind::count, "/messages/count_tokens", "authorization",
         "127.0.0.1:8080 /v1/messages/count_tokens "},
        {"lmstudio", Dialect::anthropic, Kind::count, "/messages/count_tokens", "authorization",
         "unsupported"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.want);
        CHECK(out(registry, r.id, r.dialect, r.kind, r.path, r.field) == r.want);
    }
    // The key goes once, and only where this wire wants it.
    const auto& google = *registry.find("google");
    const auto openai = common_head(google, wire_of(google, Dialect::openai), Kind::chat, "/x", false);
    CHECK(!openai.value().headers.contains("x-goog-api-key"));
    const auto& ollama = *registry.find("ollama");
    CHECK(common_head(ollama, wire_of(ollama, Dialect::ollama), Kind::chat, "/api/chat", true)
              .value()
              .headers.get("accept") == "application/x-ndjson");
    CHECK(wire_of(*registry.find("openai"), Dialect::responses).path == std::nullopt);
    CHECK(wire_of(*registry.find("xai"), Dialect::responses).path == std::nullopt);
    CHECK(wire_of(*registry.find("groq"), Dialect::responses).path == std::nullopt);
}

TEST_CASE("vendors' variables that name the root get the base path behind them") {
    const auto url = [](const char* id, const char* variable, const char* value) {
        return build({{variable, value}}).find(id)->base->to_string();
    };
    CHECK(url("anthropic", "ANTHROPIC_BASE_URL", "https://proxy.example") == "https://proxy.example/v1");
    CHECK(url("anthropic", "ANTHROPIC_BASE_URL", "https://proxy.example/a/") == "https://proxy.example/a/v1");
    CHECK(url("anthropic", "ANTHROPIC_BASE_URL", "https://proxy.example/v1") == "https://proxy.example/v1");
    CHECK(url("google", "GOOGLE_GEMINI_BASE_URL", "https://proxy.example") == "https://proxy.example/v1beta");
    CHECK(url("azure-openai", "AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com/") ==
          "https://mine.openai.azure.com/openai/v1");
    CHECK(url("azure-openai", "AZURE_RESOURCE_NAME", "mine") == "https://mine.openai.azure.com/openai/v1");
}

TEST_CASE("Azure: the address is one's own, and all of its wires stay") {
    const auto registry =
        build({{"AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"}, {"AZURE_OPENAI_API_KEY", "kz"}});
    CHECK(out(registry, "azure-openai", Dialect::openai, Kind::chat, "/chat/completions", "api-key") ==
          "mine.openai.azure.com /openai/v1/chat/completions kz");
    CHECK(out(registry, "azure-openai", Dialect::responses, Kind::chat, "/responses", "api-key") ==
          "mine.openai.azure.com /openai/v1/responses kz");
    CHECK(build({}).find("azure-openai")->not_ready() ==
          "azure-openai has no address: set AZURE_OPENAI_ENDPOINT, or [providers.azure-openai] base_url.");
    CHECK(registry.find("azure-openai")->serves("gpt-5.5"));
    CHECK(!registry.find("azure-openai")->serves("claude-sonnet-5"));
}

TEST_CASE("Bedrock: a bearer token, else signatures; the region is part of the address") {
    const auto bearer = build({{"AWS_REGION", "eu-central-1"}, {"AWS_BEARER_TOKEN_BEDROCK", "kb"}});
    CHECK(out(bearer, "bedrock", Dialect::openai, Kind::chat, "/chat/completions", "authorization") ==
          "bedrock-runtime.eu-central-1.amazonaws.com /openai/v1/chat/completions Bearer kb");
    CHECK(out(bearer, "bedrock-anthropic", Dialect::anthropic, Kind::chat, "/messages", "x-api-key") ==
          "bedrock-mantle.eu-central-1.api.aws /anthropic/v1/messages kb");
    CHECK(!bearer.find("bedrock")->authenticates_each_request());

    Variables keys{{"AWS_DEFAULT_REGION", "us-east-1"},
                   {"AWS_ACCESS_KEY_ID", "AKID"},
                   {"AWS_SECRET_ACCESS_KEY", "secret"},
                   {"AWS_SESSION_TOKEN", "session"}};
    const auto signs = build(keys);
    const auto& row = *signs.find("bedrock");
    CHECK(row.not_ready().empty());
    CHECK(row.authenticates_each_request());
    REQUIRE(row.aws);
    CHECK(row.aws->service == "bedrock");
    CHECK(row.aws->region == "us-east-1");
    CHECK(signs.find("bedrock-anthropic")->aws->service == "bedrock-mantle");
    CHECK(out(signs, "bedrock", Dialect::openai, Kind::chat, "/chat/completions", "authorization") ==
          "bedrock-runtime.us-east-1.amazonaws.com /openai/v1/chat/completions ");

    CHECK(build({}).find("bedrock")->not_ready() ==
          "bedrock has no address: set AWS_REGION, or [providers.bedrock] base_url.");
    CHECK(build({{"AWS_REGION", "us-east-1"}}).find("bedrock")->not_ready() ==
          "bedrock has no key: set AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
          "[providers.bedrock] key_file.");
    CHECK(!signs.find("openai")->aws);  // other rows have no business with them
    keys["AWS_ACCESS_KEY_ID"] = "a\nb";
    CHECK(build(keys).find("bedrock")->not_ready().find("AWS_ACCESS_KEY_ID") != std::string::npos);

    const auto bad = Registry::build({}, config::Environment(Variables{{"AWS_REGION", "x/y@evil"}}));
    REQUIRE(!bad);
    CHECK(bad.error()->message == "AWS_REGION holds characters that may not stand in an address.");
}

TEST_CASE("Vertex: regional and global addresses") {
    const auto target = [](Variables env) {
        env.emplace("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29");
        return out(build(env), "vertex", Dialect::gemini, Kind::chat, "/models/m:generateContent",
                   "authorization");
    };
    CHECK(target({{"GOOGLE_CLOUD_PROJECT", "p-1"}}) ==
          "aiplatform.googleapis.com "
          "/v1/projects/p-1/locations/global/publishers/google/models/m:generateContent Bearer ya29");
    CHECK(target({{"GOOGLE_VERTEX_PROJECT", "p"}, {"GOOGLE_CLOUD_LOCATION", "europe-west4"}}) ==
          "europe-west4-aiplatform.googleapis.com "
          "/v1/projects/p/locations/europe-west4/publishers/google/models/m:generateContent Bearer ya29");
    const auto claude = build({{"GOOGLE_CLOUD_PROJECT", "p"}, {"GOOGLE_OAUTH_ACCESS_TOKEN", "ya29"}});
    CHECK(out(claude, "vertex-anthropic", Dialect::anthropic, Kind::chat, "/models/m:rawPredict",
              "authorization") ==
          "aiplatform.googleapis.com "
          "/v1/projects/p/locations/global/publishers/anthropic/models/m:rawPredict "
          "Bearer ya29");
    CHECK(wire_of(*claude.find("vertex-anthropic"), Dialect::anthropic).form == "vertex");
    CHECK(build({}).find("vertex")->not_ready() ==
          "vertex has no address: set GOOGLE_CLOUD_PROJECT, or [providers.vertex] base_url.");
    CHECK(build({{"GOOGLE_CLOUD_PROJECT", "p"}}).find("vertex")->not_ready() ==
          "vertex has no key: set GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_APPLICATION_CREDENTIALS, or "
          "[providers.vertex] key_file.");
}

TEST_CASE("a moved address: clouds keep their first wire, local programs find the others beside it") {
    CHECK(build({{"OPENAI_BASE_URL", "https://x.example/v1"}}).find("openai")->wires.size() == 1);
    const auto beside = build({{"LLAMA_SERVER_BASE_URL", "http://127.0.0.1:9/proxy/v1"}});
    CHECK(wire_of(*beside.find("llama-server"), Dialect::llama).path == "/proxy");
    CHECK(beside.find("llama-server")->wires.size() == 4);
    const auto elsewhere = build({{"LLAMA_SERVER_BASE_URL", "http://127.0.0.1:9/llm"}});
    CHECK(elsewhere.find("llama-server")->wires.size() == 3);
    CHECK(wire_of(*build({{"OLLAMA_HOST", ":9"}}).find("ollama"), Dialect::ollama).path == "");
}

TEST_CASE("a provider configured for one dialect keeps what the catalogue knows of that wire") {
    config::Config config;
    config.providers.emplace("deepseek", config::Provider{.id = "deepseek", .dialect = "anthropic"});
    config.providers.emplace("azure-openai", config::Provider{.id = "azure-openai", .dialect = "openai"});
    config.providers.emplace("groq", config::Provider{.id = "groq", .dialect = "gemini"});
    const Variables env{{"DEEPSEEK_API_KEY", "kd"}, {"AZURE_RESOURCE_NAME", "mine"}, {"AZURE_API_KEY", "kz"}};
    const auto registry = build(env, config);
    CHECK(registry.find("deepseek")->wires.size() == 1);
    CHECK(out(registry, "deepseek", Dialect::anthropic, Kind::chat, "/messages", "x-api-key") ==
          "api.deepseek.com /anthropic/v1/messages kd");
    CHECK(out(registry, "azure-openai", Dialect::openai, Kind::chat, "/chat/completions", "api-key") ==
          "mine.openai.azure.com /openai/v1/chat/completions kz");
    CHECK(registry.find("groq")->auth_header == "x-goog-api-key");  // nothing is known of it
    config.providers.find("deepseek")->second.base_url = "https://proxy.example/v1";
    CHECK(out(build(env, config), "deepseek", Dialect::anthropic, Kind::chat, "/messages", "x-api-key") ==
          "proxy.example /v1/messages kd");
}

TEST_CASE("the page about providers has a line for each, with its variables") {
    std::ifstream file(std::string(HEARTH_SOURCE_DIR) + "/docs/providers.md");
    const std::string page(std::istreambuf_iterator<char>(file), {});
    for (const auto& row : build({}).all()) {
        CAPTURE(row.id);
        const auto at = page.find("\n| `" + row.id + "` ");
        REQUIRE(at != std::string::npos);
        const auto line = page.substr(at + 1, page.find('\n', at + 1) - at);
        for (const auto& variable : row.key_env) CHECK(line.find("`" + variable + "`") != std::string::npos);
        for (const auto& variable : row.base_url_env)
            CHECK(line.find("`" + variable.name + "`") != std::string::npos);
        for (const auto& wire : row.wires)
            CHECK(line.find(wire::dialect_name(wire.dialect)) != std::string::npos);
    }
}

}  // namespace rows_test
