#include "provider/discover.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

namespace discover_test {

using namespace hearth;
using namespace hearth::provider;

namespace {
const LocalModel* find(const Found& found, std::string_view id) {
    const auto model = std::ranges::find(found.models, id, &LocalModel::id);
    return model == found.models.end() ? nullptr : &*model;
}
}  // namespace

TEST_CASE("Ollama: models, abilities, what is loaded, and what it runs elsewhere") {
    const auto found = read_probes(
        Runtime::ollama,
        {{"/api/version", 200, R"({"version":"0.32.1"})"},
         {"/api/tags", 200, R"({"models":[
            {"name":"qwen3:8b","model":"qwen3:8b","size":5200000000,"details":{"context_length":40960},
             "capabilities":["completion","tools","insert"]},
            {"name":"nomic-embed-text:latest","model":"nomic-embed-text:latest","size":274000000,"capabilities":["embedding"]},
            {"name":"gpt-oss:120b-cloud","model":"gpt-oss:120b-cloud","size":384},
            {"name":"mine:latest","model":"mine:latest","remote_model":"gpt-oss:120b","remote_host":"https://ollama.com"},
            {"name":"","model":""}]})"},
         {"/api/ps", 200, R"({"models":[{"name":"qwen3:8b","model":"qwen3:8b","context_length":4096}]})"}});
    REQUIRE(found);
    CHECK(found->version == "0.32.1");
    REQUIRE(found->models.size() == 4);
    const auto* qwen = find(*found, "qwen3:8b");
    REQUIRE(qwen);
    CHECK(qwen->chat);
    CHECK(qwen->tools);
    CHECK(qwen->suffix);
    CHECK(!qwen->images);
    CHECK(qwen->loaded);
    CHECK(qwen->context == 4096);
    CHECK(qwen->bytes == 5'200'000'000);
    CHECK(qwen->place == Place::loopback);
    const auto* embed = find(*found, "nomic-embed-text:latest");
    CHECK(embed->embedding);
    CHECK(!embed->chat);
    CHECK(!embed->loaded);
    CHECK(find(*found, "gpt-oss:120b-cloud")->place == Place::cloud);
    CHECK(find(*found, "mine:latest")->place == Place::cloud);
}

TEST_CASE("Ollama's names for models that it runs elsewhere") {
    for (const auto* name : {"gpt-oss:120b-cloud", "glm-5:cloud", "kimi-k2:1t-cloud", "x-cloud"})
        CHECK(ollama_name_is_remote(name));
    for (const auto* name : {"qwen3:8b", "cloud-native:7b", "cloudy", "a:cloudy", ""})
        CHECK(!ollama_name_is_remote(name));
}

TEST_CASE("LM Studio, recognised by its greeting and not by a status") {
    const ProbeAnswer models{"/api/v0/models", 200, R"({"data":[
        {"id":"qwen2.5-coder","type":"llm","state":"loaded","max_context_length":32768,"loaded_context_length":8192,
         "capabilities":["tool_use"]},
        {"id":"gemma","type":"vlm","state":"not-loaded","max_context_length":131072},
        {"id":"embed","type":"embeddings","state":"not-loaded"}]})"};
    const auto found =
        read_probes(Runtime::lmstudio, {{"/lmstudio-greeting", 200, R"({"lmstudio":true})"}, models});
    REQUIRE(found);
    REQUIRE(found->models.size() == 3);
    CHECK(find(*found, "qwen2.5-coder")->tools);
    CHECK(find(*found, "qwen2.5-coder")->context == 8192);
    CHECK(find(*found, "qwen2.5-coder")->loaded);
    CHECK(find(*found, "gemma")->images);
    CHECK(find(*found, "gemma")->context == 131072);
    CHECK(find(*found, "embed")->embedding);
    for (const auto* other : {R"({"error":"Unexpected endpoint"})", R"({"lmstudio":"true"})", "ok", ""}) {
        CHECK(read_probes(Runtime::lmstudio, {{"/lmstudio-greeting", 200, other}, models}).error()->code ==
              Code::unavailable);
    }
}

TEST_CASE("llama-server and vLLM") {
    const auto server = read_probes(
        Runtime::llama_server,
        {{"/props", 200,
          R"({"default_generation_settings":{"n_ctx":4096},"build_info":"b9999","modalities":{"vision":true},
              "chat_template_caps":{"supports_tools":false}})"},
         {"/v1/models", 200, R"({"data":[{"id":"m.gguf","meta":{"size":100,"n_ctx_train":32768}}]})"}});
    REQUIRE(server);
    CHECK(server->version == "b9999");
    REQUIRE(server->models.size() == 1);
    CHECK(server->models[0].context == 4096);
    CHECK(server->models[0].images);
    CHECK(!server->models[0].tools);
    CHECK(server->models[0].loaded);

    const ProbeAnswer version{"/version", 200, R"({"version":"0.30.0"})"};
    const auto vllm = read_probes(
        Runtime::vllm,
        {version,
         {"/v1/models", 200, R"({"data":[{"id":"Qwen/Q","owned_by":"vllm","max_model_len":32768}]})"}});
    REQUIRE(vllm);
    CHECK(vllm->models[0].context == 32768);
    CHECK(!vllm->models[0].suffix);
    CHECK(read_probes(Runtime::vllm,
                      {version, {"/v1/models", 200, R"({"data":[{"id":"m","owned_by":"other"}]})"}})
              .error()
              ->code == Code::unavailable);
}

TEST_CASE("discovery: no answer, an answer of another server, an unreadable answer") {
    for (const auto runtime : {Runtime::ollama, Runtime::lmstudio, Runtime::llama_server, Runtime::vllm}) {
        const auto asked = probes(runtime);
        CHECK(asked.size() >= 2);
        CHECK(asked[0].required);
        CHECK(read_probes(runtime, {}).error()->code == Code::unavailable);
        std::vector<ProbeAnswer> html, refused;
        for (const auto& probe : asked) {
            html.push_back({probe.path, 200, "<html>hello</html>"});
            refused.push_back({probe.path, 404, "{}"});
        }
        CHECK(!read_probes(runtime, html));
        CHECK(read_probes(runtime, refused).error()->code == Code::unavailable);
    }
    CHECK(probes(Runtime::none).empty());
    CHECK(read_probes(Runtime::ollama, {{"/api/version", 200, R"({"version":"1"})"}, {"/api/tags", 200, "["}})
              .error()
              ->code == Code::upstream_failed);
}

TEST_CASE("a model list over the limit is cut, with a warning") {
    std::string tags = R"({"models":[)";
    for (int i = 0; i < 1'100; ++i) tags += fmt::format("{}{{\"model\":\"m{}\"}}", i ? "," : "", i);
    tags += "]}";
    const auto found =
        read_probes(Runtime::ollama, {{"/api/version", 200, R"({"version":"1"})"}, {"/api/tags", 200, tags}});
    REQUIRE(found);
    CHECK(found->models.size() == kMaxLocalModels);
    CHECK(found->truncated);
}

TEST_CASE("an answer cut at any byte is an error or is read") {
    const std::string tags =
        R"({"models":[{"model":"a:1","size":5,"capabilities":["completion"],"details":{"context_length":7}}]})";
    for (std::size_t cut = 0; cut <= tags.size(); ++cut) {
        const auto found = read_probes(Runtime::ollama, {{"/api/version", 200, R"({"version":"1"})"},
                                                         {"/api/tags", 200, tags.substr(0, cut)}});
        CHECK(found.has_value() == (cut == tags.size()));
    }
}

}  // namespace discover_test
