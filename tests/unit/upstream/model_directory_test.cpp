// The directory of models, in particular after a reload.
#include "upstream/model_directory.h"

#include <doctest/doctest.h>

namespace model_directory_test {

using namespace hearth;
using namespace hearth::upstream;

namespace {

config::Config config_with(std::vector<std::string> providers) {
    config::Config config;
    for (auto& id : providers) {
        config::Provider row;
        row.id = id;
        row.base_url = "https://" + id + ".example/v1";
        row.key_env = "TEST_KEY";
        row.models = {"sim", "extra*"};
        config.providers[id] = std::move(row);
    }
    return config;
}

SettingsPtr settings_of(config::Config config) {
    auto made = Settings::make(std::move(config), config::Environment({{"TEST_KEY", "key"}}));
    REQUIRE(made);
    return *made;
}

models::Model local_model(std::string name) {
    models::Model model;
    model.name = std::move(name);
    model.origin = "hearth";
    model.files.push_back({});
    model.facts.chat_template = true;
    return model;
}

provider::Found found_at(std::string id) {
    provider::Found found;
    provider::LocalModel model;
    model.id = std::move(id);
    model.chat = true;
    found.models.push_back(std::move(model));
    return found;
}

struct Directory {
    explicit Directory(config::Config config = config_with({"alpha"}))
        : directory(settings_of(std::move(config)), provider::Catalogue::embedded()) {}
    [[nodiscard]] bool has(std::string_view name) const { return directory.models()->find(name) != nullptr; }
    ModelDirectory directory;
};

}  // namespace

TEST_CASE("directory: after a reload the providers, aliases and preferences are the new ones") {
    auto before = config_with({"alpha"});
    before.route.aliases["fast"] = "alpha/sim";
    before.route.cloud = {"alpha/sim"};
    Directory d(std::move(before));
    CHECK(d.has("alpha/sim"));
    CHECK(d.directory.resolve_alias("fast") == "alpha/sim");
    auto after = config_with({"beta"});
    after.route.aliases["slow"] = "beta/sim";
    after.route.cloud = {"beta/sim"};
    after.route.fallback["x"] = {"beta/sim"};
    d.directory.use(settings_of(std::move(after)));
    CHECK_FALSE(d.has("alpha/sim"));
    CHECK(d.has("beta/sim"));
    CHECK(d.directory.resolve_alias("fast") == "fast");
    CHECK(d.directory.resolve_alias("slow") == "beta/sim");
    CHECK(d.directory.preferences().cloud == std::vector<std::string>{"beta/sim"});
    CHECK(d.directory.preferences().fallback.contains("x"));
    CHECK(d.directory.unlisted("alpha/extra-1") == nullptr);
    CHECK(d.directory.unlisted("beta/extra-1") != nullptr);
}

TEST_CASE("directory: a plan that was made before a reload keeps its models") {
    Directory d;
    const auto held = d.directory.models();
    const auto* model = held->find("alpha/sim");
    REQUIRE(model != nullptr);
    d.directory.use(settings_of(config_with({"beta"})));
    CHECK(d.directory.models() != held);
    CHECK(model->full_name() == "alpha/sim");
}

TEST_CASE("directory: own models, and what is found on this machine, outlive a reload") {
    Directory d;
    d.directory.set_own({local_model("mine:latest")});
    const auto found = found_at("served");
    d.directory.set_found("ollama", &found);
    CHECK(d.has("mine"));
    CHECK(d.has("ollama/served"));
    d.directory.use(settings_of(config_with({"beta"})));
    CHECK(d.has("mine"));
    CHECK(d.directory.own("mine") != nullptr);
    CHECK(d.has("ollama/served"));
}

TEST_CASE("directory: what was found is dropped when its server stops, or is disabled by a reload") {
    Directory d;
    const auto found = found_at("served");
    d.directory.set_found("ollama", &found);
    d.directory.set_found("ollama", nullptr);
    CHECK_FALSE(d.has("ollama/served"));
    d.directory.set_found("ollama", &found);
    auto disabled = config_with({"alpha"});
    disabled.providers["ollama"].id = "ollama";
    disabled.providers["ollama"].enabled = false;
    d.directory.use(settings_of(std::move(disabled)));
    CHECK_FALSE(d.has("ollama/served"));
    CHECK(d.directory.found().empty());
    // Enabled again, it is looked for anew.
    d.directory.use(settings_of(config_with({"alpha"})));
    CHECK_FALSE(d.has("ollama/served"));
}

TEST_CASE("directory: the longest prefix of an alias decides, an exact one before any") {
    auto config = config_with({"alpha"});
    config.route.aliases["m*"] = "one";
    config.route.aliases["model-*"] = "two";
    config.route.aliases["model-x"] = "three";
    const Directory d(std::move(config));
    CHECK(d.directory.resolve_alias("mx") == "one");
    CHECK(d.directory.resolve_alias("model-y") == "two");
    CHECK(d.directory.resolve_alias("model-x") == "three");
    CHECK(d.directory.resolve_alias("other") == "other");
    CHECK(d.directory.resolve_alias("claude-hearth-alpha/sim") == "alpha/sim");
}

TEST_CASE("directory: names of Ollama and of the hub lead to the store's") {
    Directory d;
    d.directory.set_own({local_model("coder:latest"), local_model("hf:Org/Repo:Q4_K_M")});
    CHECK(d.directory.resolve_alias("coder:latest") == "coder");
    CHECK(d.directory.resolve_alias("hf.co/org/repo:q4_k_m") == "hf:Org/Repo:Q4_K_M");
    CHECK(d.directory.resolve_alias("huggingface.co/Org/Repo") == "hf:Org/Repo:Q4_K_M");
    CHECK(d.directory.resolve_alias("hf.co/org/repo:Q8_0") == "hf:org/repo:Q8_0");
}

TEST_CASE("directory: a name that no list has is believed where its provider is known, and not kept") {
    Directory d;
    const auto before = d.directory.models();
    const auto model = d.directory.unlisted("alpha/extra-new");
    REQUIRE(model != nullptr);
    CHECK(model->full_name() == "alpha/extra-new");
    CHECK_FALSE(model->can.known);
    CHECK(model->not_ready.empty());
    CHECK(d.directory.unlisted("alpha/sim") == nullptr);                  // it is listed
    CHECK(d.directory.unlisted("nobody/x") == nullptr);                   // no such provider
    CHECK(d.directory.unlisted("alpha/") == nullptr);                     // no name
    CHECK(d.directory.unlisted("extra-new") == nullptr);                  // no provider
    CHECK_FALSE(d.directory.unlisted("alpha/other")->not_ready.empty());  // against the owner's list
    CHECK(d.directory.models() == before);
}

}  // namespace model_directory_test
