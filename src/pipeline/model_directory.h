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

namespace hearth::pipeline {

inline constexpr std::string_view kClaudeAlias = "claude-hearth-";  // Claude Code lists only names like this

class ModelDirectory {
  public:
    ModelDirectory(const config::Config& config, const provider::Registry& providers,
                   const provider::Catalogue& catalogue);

    [[nodiscard]] std::shared_ptr<const route::Models> models() const { return models_; }
    [[nodiscard]] const route::Preferences& preferences() const { return preferences_; }

    // What a name that a client writes stands for: the owner's aliases, "claude-hearth-NAME",
    // "NAME:latest" and "hf.co/ORG/REPO:QUANT"; else itself.
    [[nodiscard]] std::string resolve_alias(const std::string& name) const;

    // The store's model behind a route::Model of our own engine; nullptr when it has gone.
    [[nodiscard]] const models::Model* own(const std::string& id) const;

    // A name that is in no list although its provider is known: "openai/some-new-model". Providers serve more models
    // than any catalogue knows, so it is believed, with nothing known about it, and joins the snapshot. The last
    // kRemembered such names are kept. False: no such provider.
    bool remember(const std::string& name);
    static constexpr std::size_t kRemembered = 256;

    void set_own(std::vector<models::Model> own);
    // What a local server answered; nullptr = it does not answer (any more).
    void set_found(const std::string& provider, const provider::Found* found);
    [[nodiscard]] const std::map<std::string, provider::Found>& found() const { return found_; }

  private:
    void rebuild();
    [[nodiscard]] std::string in_store(const std::string& name) const;
    void add_own(std::vector<route::Model>& out) const;
    void add_provider(const provider::Provider& p, int order, std::vector<route::Model>& out) const;

    const provider::Registry& providers_;
    const provider::Catalogue& catalogue_;
    route::Preferences preferences_;
    std::map<std::string, std::string> aliases_;
    std::vector<models::Model> own_;
    std::map<std::string, provider::Found> found_;
    std::vector<route::Model> remembered_;  // oldest first
    std::shared_ptr<const route::Models> models_;
};

}  // namespace hearth::pipeline
