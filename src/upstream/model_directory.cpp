#include "upstream/model_directory.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::upstream {

namespace {

// A preference as configured becomes the name that the facts use.
route::Preferences preferences_of(const config::Config& config) {
    route::Preferences want;
    want.automatic = config.route.automatic;
    want.local = config.route.local;
    want.cloud = config.route.cloud;
    want.fallback = config.route.fallback;
    return want;
}

bool completes(const provider::Quirks& quirks, std::string_view model) {
    return quirks.completions &&
           (quirks.completion_models.empty() ||
            std::ranges::any_of(quirks.completion_models,
                                [&](std::string_view pattern) { return provider::fits(pattern, model); }));
}

route::Abilities abilities_of(const provider::ModelFacts& facts, const provider::Quirks& quirks) {
    route::Abilities can;
    can.chat = !facts.embedding;
    can.embedding = facts.embedding && quirks.embeddings;
    can.completion = completes(quirks, facts.id) && !facts.embedding;
    can.suffix = can.completion && quirks.suffix;
    can.tools = facts.tools;
    can.images = facts.images;
    can.audio = facts.audio;
    can.files = facts.files;
    can.json_schema = facts.json_schema && quirks.json_schema;
    can.several_choices = quirks.n;
    can.context_tokens = facts.context;
    return can;
}

route::Abilities abilities_of(const provider::LocalModel& found) {
    route::Abilities can;
    can.chat = found.chat;
    can.completion = found.chat;
    can.suffix = found.suffix;
    can.embedding = found.embedding;
    can.tools = found.tools;
    can.images = found.images;
    can.json_schema = true;
    can.context_tokens = found.context;
    return can;
}

// "name:latest" and the like are also known without their tag, as people write them.
std::string short_name(const std::string& canonical) {
    constexpr std::string_view kLatest = ":latest";
    if (canonical.ends_with(kLatest)) return canonical.substr(0, canonical.size() - kLatest.size());
    return canonical;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

ModelDirectory::ModelDirectory(SettingsPtr settings, const provider::Catalogue& catalogue)
    : catalogue_(catalogue) {
    use(std::move(settings));
}

void ModelDirectory::use(SettingsPtr settings) {
    settings_ = std::move(settings);
    preferences_ = preferences_of(settings_->config);
    std::erase_if(found_, [this](const auto& found) {
        const auto* provider = settings_->providers.find(found.first);
        return provider == nullptr || !provider->enabled;
    });
    rebuild();
}

const models::Model* ModelDirectory::own(const std::string& id) const {
    const auto at = std::find_if(own_.begin(), own_.end(),
                                 [&](const models::Model& m) { return short_name(m.name) == id; });
    return at == own_.end() ? nullptr : &*at;
}

// As Ollama writes names of the hub: "hf.co/org/repo:QUANT" is our "hf:org/repo:QUANT"; without a quantization any of that
// repository is meant.
std::string ModelDirectory::in_store(const std::string& name) const {
    constexpr std::string_view kHubs[] = {"hf.co/", "huggingface.co/", "hf:"};
    const auto* hub =
        std::ranges::find_if(kHubs, [&](std::string_view prefix) { return name.starts_with(prefix); });
    if (hub == std::end(kHubs)) return short_name(name);
    auto ours = "hf:" + name.substr(hub->size());
    constexpr std::string_view kLatest = ":latest";
    if (ours.ends_with(kLatest)) ours.resize(ours.size() - kLatest.size());
    if (models_->find(ours)) return ours;
    const auto begins = ours + ":";
    for (const auto& model : own_) {
        const auto start = std::string_view(model.name).substr(0, begins.size());
        const bool any_quant = ours.find(':', 3) == std::string::npos;
        if (same_ignoring_case(model.name, ours) || (any_quant && same_ignoring_case(start, begins)))
            return model.name;
    }
    return ours;
}

std::string ModelDirectory::resolve_alias(const std::string& name) const {
    const auto& aliases = settings_->config.route.aliases;
    if (const auto exact = aliases.find(name); exact != aliases.end()) return exact->second;
    const std::pair<const std::string, std::string>* best = nullptr;
    for (const auto& alias : aliases) {
        if (!alias.first.ends_with('*')) continue;
        const auto prefix = std::string_view(alias.first).substr(0, alias.first.size() - 1);
        if (name.starts_with(prefix) && (!best || alias.first.size() > best->first.size())) best = &alias;
    }
    if (best) return best->second;
    if (models_->find(name)) return name;
    if (name.starts_with(kClaudeAlias)) return name.substr(kClaudeAlias.size());
    return in_store(name);
}

void ModelDirectory::set_own(std::vector<models::Model> own) {
    own_ = std::move(own);
    rebuild();
}

void ModelDirectory::set_found(const std::string& provider, const provider::Found* found) {
    if (!found && !found_.contains(provider)) return;
    if (found) {
        found_[provider] = *found;
    } else {
        found_.erase(provider);
    }
    rebuild();
}

void ModelDirectory::add_own(std::vector<route::Model>& out) const {
    for (const auto& model : own_) {
        route::Model row;
        row.provider = route::kEngine;
        row.id = short_name(model.name);
        row.place = Place::local;
        row.builtin = model.origin == "built-in";
        row.bytes = static_cast<std::int64_t>(model.bytes);
        row.can.chat =
            (model.facts.chat_template || !model.settings.chat_template.empty()) && !model.facts.embedding;
        row.can.completion = !model.facts.embedding;
        row.can.suffix = model.facts.fim;
        row.can.embedding = true;
        row.can.tools =
            row.can.chat && !row.builtin;  // a grammar forces the form; spark has not the mind for it
        row.can.forced_tools = row.can.chat;
        row.can.json_schema = !model.facts.embedding;
        row.can.context_tokens = static_cast<std::int64_t>(model.facts.context_length);
        out.push_back(std::move(row));
    }
}

void ModelDirectory::add_provider(const provider::Provider& p, int order,
                                  std::vector<route::Model>& out) const {
    const auto add = [&](std::string id, route::Abilities can, Place place, std::optional<int> rank) {
        route::Model row;
        row.provider = p.id;
        row.id = std::move(id);
        row.place = stricter(p.place, place);
        row.can = can;
        row.default_rank = rank;
        row.not_ready = p.not_ready();
        out.push_back(std::move(row));
    };
    const int rank = order * 1000;
    if (const auto found = found_.find(p.id); found != found_.end()) {
        int position = 0;
        for (const auto& model : found->second.models) {
            if (p.offers(model.id))
                add(model.id, abilities_of(model), model.place, rank + (model.loaded ? 0 : 1 + position));
            ++position;
        }
        return;
    }
    if (p.runtime != provider::Runtime::none) return;  // a local server that does not answer offers nothing
    route::Abilities unknown;
    unknown.known = false;
    int position = 0;
    for (const auto& name : p.models) {
        if (name.ends_with('*')) continue;
        const auto* facts = catalogue_.find(p.prices, name);
        add(name, facts ? abilities_of(*facts, p.quirks) : unknown, p.place, rank + position++);
    }
    if (p.prices.empty()) return;
    for (const auto& facts : catalogue_.models(p.prices)) {
        const std::string id(facts.id);
        if (!p.serves(id) || !p.offers(id) ||
            std::find(p.models.begin(), p.models.end(), id) != p.models.end())
            continue;
        const bool is_default = p.models.empty() && id == p.default_model;
        add(id, abilities_of(facts, p.quirks), p.place, is_default ? std::optional(rank) : std::nullopt);
    }
}

void ModelDirectory::rebuild() {
    std::vector<route::Model> all;
    add_own(all);
    int order = 0;
    for (const auto& p : settings_->providers.all()) {
        if (p.enabled) add_provider(p, order, all);
        ++order;
    }
    models_ = std::make_shared<route::Models>(std::move(all));
}

std::shared_ptr<const route::Model> ModelDirectory::unlisted(const std::string& name) const {
    const auto slash = name.find('/');
    if (slash == std::string::npos || slash + 1 == name.size() || name.size() > limits::kModelNameBytes)
        return nullptr;
    const auto* p = settings_->providers.find(name.substr(0, slash));
    if (!p || !p->enabled || models_->find(name)) return nullptr;
    route::Model row;
    row.provider = p->id;
    row.id = name.substr(slash + 1);
    row.place = p->place;
    if (p->runtime == provider::Runtime::ollama && provider::ollama_name_is_remote(row.id))
        row.place = Place::cloud;
    row.can.known = false;
    row.not_ready = p->offers(row.id)
                        ? p->not_ready()
                        : fmt::format("[providers.{}] models does not list '{}'", p->id, row.id);
    return std::make_shared<const route::Model>(std::move(row));
}

}  // namespace hearth::upstream
