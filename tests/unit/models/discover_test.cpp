#include "models/discover.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "gguf_builder.h"
#include "scratch.h"

namespace discover_test {

using namespace hearth;
using namespace hearth::models;
using hearth::models::test::GgufBuilder;
using hearth::models::test::Scratch;

namespace {

std::vector<std::string> found_in(const std::map<std::string, std::string>& variables) {
    FactsCache cache;
    const auto models = discover_models(cache, [&](std::string_view name) {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? std::string() : found->second;
    });
    std::vector<std::string> names;
    for (const auto& model : models) names.push_back(model.origin + " " + model.name);
    return names;
}

}  // namespace

TEST_CASE("discover: models of other programs are listed under their usual names") {
    const Scratch home;
    const auto bytes = GgufBuilder::tiny().build();
    const auto hub = std::string(".cache/huggingface/hub/models--acme--coder-GGUF/");
    home.write(hub + "refs/main", "abc123\n");
    home.write(hub + "snapshots/abc123/coder-q4_k_m.gguf", bytes);
    home.write(hub + "snapshots/abc123/mmproj-coder-f16.gguf", bytes);
    home.write(hub + "snapshots/old/coder-q8_0.gguf", bytes);
    home.write(hub + "snapshots/abc123/cut-q2_k.gguf", bytes.substr(0, 700));
    home.write(".lmstudio/models/acme/chat/chat-00001-of-00002.gguf", bytes);
    home.write(".lmstudio/models/acme/chat/chat-00002-of-00002.gguf", bytes);
    home.write(".lmstudio/models/acme/adapter/lora.gguf",
               GgufBuilder::tiny().string("general.type", "adapter").build());
    const std::string digest(64, 'b');
    home.write(".ollama/models/blobs/sha256-" + digest, bytes);
    const auto layers = [](const std::string& type, const std::string& of) {
        return "{\"layers\":[{\"mediaType\":\"application/vnd.ollama.image." + type +
               "\",\"digest\":\"sha256:" + of + "\"}]}";
    };
    const auto library = std::string(".ollama/models/manifests/registry.ollama.ai/library/");
    home.write(library + "qwen/7b", layers("model", digest));
    home.write(library + "qwen/odd", layers("model", "../../../../etc/passwd"));
    home.write(library + "qwen/text", layers("template", digest));

    CHECK(found_in({{"HOME", home.path()}}) ==
          std::vector<std::string>{"huggingface hf:acme/coder-GGUF:Q4_K_M", "lmstudio hf:acme/chat",
                                   "ollama qwen:7b"});
    CHECK(found_in({{"HF_HOME", home.path(".cache/huggingface")}}) ==
          std::vector<std::string>{"huggingface hf:acme/coder-GGUF:Q4_K_M"});
    CHECK(found_in({}).empty());
}

TEST_CASE("discover: facts are cached until the file changes") {
    const Scratch scratch;
    FactsCache cache;
    const auto path = scratch.write("x.gguf", GgufBuilder::tiny().build());
    CHECK(cache.facts(path)->name == "Tiny");
    auto other = GgufBuilder();
    other.string("general.architecture", "llama").string("general.name", "Other");
    scratch.write("x.gguf", other.build());
    CHECK(cache.facts(path)->name == "Other");
    std::filesystem::remove(path);
    CHECK(cache.facts(path).error()->code == Code::not_found);
}

}  // namespace discover_test
