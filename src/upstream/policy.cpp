#include "upstream/policy.h"

namespace hearth::upstream {

namespace {
privacy::Decision decision_of(config::Decision decision) {
    return decision == config::Decision::allow ? privacy::Decision::allow : privacy::Decision::deny;
}
}  // namespace

privacy::Policy policy_of(const config::Config& config) {
    privacy::Policy policy;
    policy.offline = config.policy.offline;
    // `offline` is the gate's own rule, with its own sentence: the places are asked as if it were not set.
    auto places = config.policy;
    places.offline = false;
    policy.loopback = decision_of(places.of(Place::loopback));
    policy.lan = decision_of(places.of(Place::lan));
    policy.cloud = decision_of(places.of(Place::cloud));
    for (const auto& [id, provider] : config.providers) {
        if (!provider.policy) continue;
        auto& list = *provider.policy == config::Decision::allow ? policy.everyone.allow_providers
                                                                 : policy.everyone.deny_providers;
        list.insert(id);
    }
    for (const auto& [name, project] : config.projects) {
        auto& rules = policy.projects[name];
        rules.allow_providers.insert(project.allow_providers.begin(), project.allow_providers.end());
        rules.deny_providers.insert(project.deny_providers.begin(), project.deny_providers.end());
        rules.allow_places.insert(project.allow_places.begin(), project.allow_places.end());
        rules.deny_places.insert(project.deny_places.begin(), project.deny_places.end());
    }
    return policy;
}

}  // namespace hearth::upstream
