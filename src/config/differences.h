#pragma once
// What a reload changes. config::load() has no side effects, so a running daemon calls it again with the arguments of its
// start, compares, and takes over what can be applied without a restart.
#include <string>
#include <vector>

#include "config/config.h"

namespace hearth::config {

struct Difference {
    std::string
        key;  // as it stands in the file: "[server] listen", "[providers.acme] key_env", "[route.aliases]"
    bool needs_restart = false;  // from the key's row in schema.cpp
    bool operator==(const Difference&) const = default;
};

// The keys whose values differ, in the order of the schema, then projects and providers by name. Values are not named:
// they may be secret. What a key only points to (the content of key_file, the variable of key_env) is not compared.
[[nodiscard]] std::vector<Difference> differences(const Config& before, const Config& after);

// What a daemon that runs with `running` has after it reloaded `wanted`: the values of `wanted`, except that keys which
// need a restart keep those that are in effect. The difference to `wanted` is then what still waits for a restart.
[[nodiscard]] Config apply_without_restart(const Config& running, const Config& wanted);

}  // namespace hearth::config
