#include "config/config.h"

#include <fmt/format.h>

#include "config/rules.h"

namespace hearth::config {

bool Listen::loopback() const {
    return rules::loopback_host(host);
}

std::string Listen::to_string() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

Decision Policy::of(Place place) const {
    const auto or_default = [this](const std::optional<Decision>& named, Decision built_in) {
        return named ? *named : fallback.value_or(built_in);
    };
    switch (place) {
        case Place::local:
            return Decision::allow;
        case Place::loopback:
            return or_default(loopback, Decision::allow);
        case Place::lan:
            return offline ? Decision::deny : or_default(lan, Decision::deny);
        case Place::cloud:
            return offline ? Decision::deny : or_default(cloud, Decision::allow);
    }
    return Decision::deny;
}

Timeouts Provider::timeouts(const Timeouts& defaults) const {
    return {.connect = connect.value_or(defaults.connect),
            .first_token = first_token.value_or(defaults.first_token),
            .answer = answer.value_or(defaults.answer),
            .stall = stall.value_or(defaults.stall)};
}

std::filesystem::path Config::ledger_path() const {
    return ledger.path.empty() ? home.ledger() : ledger.path;
}

std::string Diagnostic::to_string() const {
    return line > 0 ? fmt::format("{}:{}:{}: {}", where, line, column, message)
                    : fmt::format("{}: {}", where, message);
}

}  // namespace hearth::config
