#include "upstream/settings.h"

#include "upstream/policy.h"

namespace hearth::upstream {

Settings::Settings(config::Config from, provider::Registry registry)
    : config(std::move(from)),
      providers(std::move(registry)),
      gate(policy_of(config)),
      upstreams(providers, config) {}

Result<SettingsPtr> Settings::make(config::Config from, const config::Environment& environment) {
    auto providers = provider::Registry::build(from, environment);
    if (!providers) return fail(std::move(providers.error()));
    return std::make_shared<const Settings>(std::move(from), std::move(*providers));
}

}  // namespace hearth::upstream
