#pragma once
// The facts that routing decides by, as one snapshot swapped whole: own models from the store, providers' models from
// the catalogue and the configuration, and what discovery found on this machine.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "models/store.h"
#include "provider/catalogue.h"
#include "provider/discover.h"
#include "provider/provider.h"
#include "route/decide.h"
#include "route/facts.h"
#include "upstream/settings.h"

namespace hearth::upstream {

inline constexpr std::string_view kClaudeAlias = "claude-hearth-";  // Claude Code lists only names like this

class ModelDirectory {
  public:
    ModelDirectory(SettingsPtr settings, const provider::Catalogue& catalogue);
    // After a reload: providers, aliases and preferences are the new ones.
    void use(SettingsPtr settings);

    [[nodiscard]] std::shared_ptr<const route::Models> models() const { return models_; }
    [[nodiscard]] const route::Preferences& preferences() const { return preferences_; }

    // What a name that a client writes stands for: the owner's aliases, "claude-hearth-NAME",
    // "NAME:latest" and "hf.co/ORG/REPO:QUANT"; else itself.
    [[nodiscard]] std::string resolve_alias(const std::string& name) const;

    // The store's model behind a route::Model of our own engine; nullptr when it has gone.
    [[nodiscard]] const models::Model* own(const std::string& id) const;

    // The model behind a name that is in no list although its provider is known: "openai/some-new-model". Providers serve
    // more models than any catalogue knows, so the name is believed, with nothing known about it. Nothing is kept of it.
    // Null: no such provider, or the name is listed.
    [[nodiscard]] std::shared_ptr<const route::Model> unlisted(const std::string& name) const;

    void set_own(std::vector<models::Model> own);
    // What a local server answered; nullptr = it does not answer (any more).
    void set_found(const std::string& provider, const provider::Found* found);
    [[nodiscard]] const std::map<std::string, provider::Found>& found() const { return found_; }

  private:
    void rebuild();
    [[nodiscard]] std::string in_store(const std::string& name) const;
    void add_own(std::vector<route::Model>& out) const;
    void add_provider(const provider::Provider& p, int order, std::vector<route::Model>& out) const;

    SettingsPtr settings_;
    const provider::Catalogue& catalogue_;
    route::Preferences preferences_;
    std::vector<models::Model> own_;
    std::map<std::string, provider::Found> found_;
    std::shared_ptr<const route::Models> models_;
};

}  // namespace hearth::upstream
