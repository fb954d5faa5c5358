#pragma once
// The policy gate: place, provider and project in; a permit or a refusal with its reason out. Pure and fail-closed:
// what no rule allows is refused.
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/place.h"
#include "privacy/cleared.h"
#include "privacy/permit.h"

namespace hearth::privacy {

enum class Decision : std::uint8_t { deny, allow };

struct Rules {
    std::set<std::string> allow_providers, deny_providers;
    std::set<Place> allow_places, deny_places;
};

struct Policy {
    bool offline = false;                 // refuse everything that is not this machine
    Decision loopback = Decision::allow;  // defaults by place; local needs no permit: nothing leaves
    Decision lan = Decision::deny;
    Decision cloud = Decision::allow;
    Rules everyone;                         // applies to every project
    std::map<std::string, Rules> projects;  // by project name
};

struct Destination {
    std::string provider;  // id in the registry
    std::string scheme, host;
    std::uint16_t port = 0;
    Place place = Place::cloud;
};

// Order: --offline; any deny (project's or everyone's, provider's or place's); a project's allow list, which is
// exhaustive when present; everyone's allow list; the default of the place.
class Gate {
  public:
    explicit Gate(Policy policy) : policy_(std::move(policy)) {}

    // Why not, as a sentence for the user that names the rule; empty = allowed.
    [[nodiscard]] std::string refusal(const std::string& project, const std::string& provider,
                                      Place place) const;

    // Errors: Code::forbidden with that sentence. `entry` is the ledger entry that records what leaves.
    [[nodiscard]] Result<Permit> permit(const std::string& project, const Destination& to,
                                        std::string entry) const;

    // The permit together with the bytes that may leave under it.
    [[nodiscard]] Cleared clear(Permit permit, std::span<const std::string_view> body) const {
        return {std::move(permit), body};
    }
    // Both at once. Errors: as permit().
    [[nodiscard]] Result<Cleared> clear(const std::string& project, const Destination& to, std::string entry,
                                        std::span<const std::string_view> body) const;

    [[nodiscard]] const Policy& policy() const { return policy_; }

  private:
    Policy policy_;
};

}  // namespace hearth::privacy
