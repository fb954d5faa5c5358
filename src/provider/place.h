#pragma once
// What an address says about where it leads.
#include <string_view>

#include "base/place.h"

namespace hearth::provider {

struct Provider;

// Literals of this machine: loopback; of private networks (RFC 1918, 3927, 4193, 4291): lan; else, names too: cloud.
[[nodiscard]] Place place_of_host(std::string_view host);

// Plain http to another machine: whoever is on the way reads the key.
[[nodiscard]] bool sends_key_in_cleartext(const Provider& provider);

}  // namespace hearth::provider
