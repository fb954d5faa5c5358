#include "provider/provider.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "provider/place.h"

namespace hearth::provider {

namespace {

std::optional<in_addr> ipv4(std::string_view host) {
    in_addr address{};
    if (::inet_pton(AF_INET, std::string(host).c_str(), &address) != 1) return std::nullopt;
    return address;
}

std::optional<in6_addr> ipv6(std::string_view host) {
    in6_addr address{};
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1) return std::nullopt;
    return address;
}

bool is_private(std::uint32_t address) {  // host order; RFC 1918, RFC 3927
    return (address >> 24) == 10 || (address >> 20) == 0xac1 || (address >> 16) == 0xc0a8 ||
           (address >> 16) == 0xa9fe;
}

}  // namespace

bool is_loopback_host(std::string_view host) {
    if (const auto address = ipv4(host)) return (ntohl(address->s_addr) >> 24) == 127;
    if (const auto address = ipv6(host)) {
        if (IN6_IS_ADDR_LOOPBACK(&*address)) return true;
        return IN6_IS_ADDR_V4MAPPED(&*address) && address->s6_addr[12] == 127;
    }
    // RFC 6761 section 6.3: names under localhost never leave the machine.
    return host == "localhost" || host.ends_with(".localhost");
}

Place place_of_host(std::string_view host) {
    if (is_loopback_host(host)) return Place::loopback;
    if (const auto address = ipv4(host))
        return is_private(ntohl(address->s_addr)) ? Place::lan : Place::cloud;
    if (const auto address = ipv6(host)) {
        const bool unique_local = (address->s6_addr[0] & 0xfe) == 0xfc;  // RFC 4193
        return unique_local || IN6_IS_ADDR_LINKLOCAL(&*address) ? Place::lan : Place::cloud;
    }
    return Place::cloud;  // a name says nothing about where it leads
}

bool key_would_travel_openly(const Provider& provider) {
    return provider.base && !provider.base->tls() && !is_loopback_host(provider.base->host);
}

std::string Provider::not_ready() const {
    if (!enabled) return fmt::format("{} is switched off ([providers.{}] enabled = false).", id, id);
    if (!base) {
        const auto variable =
            base_url_env.empty() ? std::string{} : fmt::format(", or {}", base_url_env.front());
        return fmt::format("{} has no address: set [providers.{}] base_url{}.", id, id, variable);
    }
    const bool sends_secret = !key.empty() || pass_client_credentials || !headers.empty();
    if (sends_secret && key_would_travel_openly(*this)) {
        return fmt::format("{} would get its key over plain http on another machine ({}): use https.", id,
                           base->authority());
    }
    if (key.empty() && !key_optional && !pass_client_credentials && auth != Auth::none) {
        const auto variable = key_env.empty() ? std::string{} : fmt::format("{}, or ", key_env.front());
        return fmt::format("{} has no key: set {}[providers.{}] key_file.", id, variable, id);
    }
    return {};
}

bool Provider::offers(std::string_view model) const {
    if (models.empty()) return true;
    return std::ranges::any_of(models, [&](std::string_view pattern) {
        if (!pattern.ends_with('*')) return pattern == model;
        return model.starts_with(pattern.substr(0, pattern.size() - 1));
    });
}

}  // namespace hearth::provider
