#pragma once
// What the configuration says, worked out once: the providers with their keys, the policy, where each upstream is. Never
// changed: a reload makes a new one and puts it in the old one's place, and each request keeps the one it began with.
#include <memory>

#include "base/error.h"
#include "config/config.h"
#include "privacy/gate.h"
#include "provider/provider.h"
#include "upstream/upstreams.h"

namespace hearth::upstream {

struct Settings {
    Settings(config::Config from, provider::Registry registry);
    Settings(const Settings&) = delete;  // upstreams point into providers
    Settings& operator=(const Settings&) = delete;

    // Reads the keys from the environment too. Errors: Code::config, as provider::Registry::build.
    [[nodiscard]] static Result<std::shared_ptr<const Settings>> make(config::Config from,
                                                                      const config::Environment& environment);

    const config::Config config;
    const provider::Registry providers;
    const privacy::Gate gate;
    const Upstreams upstreams;
};
using SettingsPtr = std::shared_ptr<const Settings>;

}  // namespace hearth::upstream
