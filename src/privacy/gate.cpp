#include "privacy/gate.h"

#include <fmt/format.h>

namespace hearth::privacy {

namespace {
std::string denied_by(const Rules& rules, std::string_view whose, const std::string& provider, Place place) {
    if (rules.deny_providers.contains(provider)) {
        return fmt::format("the policy of {} denies the provider '{}'", whose, provider);
    }
    if (rules.deny_places.contains(place)) {
        return fmt::format("the policy of {} denies the place '{}'", whose, place_name(place));
    }
    return {};
}

bool has_allow_list(const Rules& rules) {
    return !rules.allow_providers.empty() || !rules.allow_places.empty();
}

bool allowed_by(const Rules& rules, const std::string& provider, Place place) {
    return rules.allow_providers.contains(provider) || rules.allow_places.contains(place);
}
}  // namespace

std::string Gate::refusal(const std::string& project, const std::string& provider, Place place) const {
    if (place == Place::local) return {};
    if (policy_.offline && place != Place::loopback) {
        return fmt::format("--offline refuses everything that is not this machine, and '{}' is {}", provider,
                           place_name(place));
    }
    const auto own = policy_.projects.find(project);
    if (own != policy_.projects.end()) {
        const auto whose = fmt::format("project '{}'", project);
        if (auto why = denied_by(own->second, whose, provider, place); !why.empty()) return why;
    }
    if (auto why = denied_by(policy_.everyone, "this machine", provider, place); !why.empty()) return why;
    if (own != policy_.projects.end() && has_allow_list(own->second)) {
        if (allowed_by(own->second, provider, place)) return {};
        return fmt::format("the policy of project '{}' does not list the provider '{}' or the place '{}'",
                           project, provider, place_name(place));
    }
    if (allowed_by(policy_.everyone, provider, place)) return {};
    const Decision fallback = place == Place::loopback ? policy_.loopback
                              : place == Place::lan    ? policy_.lan
                                                       : policy_.cloud;
    if (fallback == Decision::allow) return {};
    return fmt::format("the default policy denies the place '{}'; allow it with [policy] {} = \"allow\"",
                       place_name(place), place_name(place));
}

Result<Permit> Gate::permit(const std::string& project, const Destination& to, std::string entry) const {
    if (auto why = refusal(project, to.provider, to.place); !why.empty()) {
        return fail(Code::forbidden, fmt::format("Not sent: {}.", why));
    }
    if (to.host.empty() || to.port == 0 || (to.scheme != "http" && to.scheme != "https")) {
        return fail(Code::forbidden,
                    fmt::format("Not sent: provider '{}' has no usable address.", to.provider));
    }
    return Permit(to.scheme, to.host, to.port, to.place, std::move(entry));
}

Result<Cleared> Gate::clear(const std::string& project, const Destination& to, std::string entry,
                            std::span<const std::string_view> body) const {
    auto allowed = permit(project, to, std::move(entry));
    if (!allowed) return fail(std::move(allowed.error()));
    return clear(std::move(*allowed), body);
}

}  // namespace hearth::privacy
