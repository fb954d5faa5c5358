#include "provider/provider.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

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

bool sends_key_in_cleartext(const Provider& provider) {
    return provider.base && !provider.base->tls() && !is_loopback_host(provider.base->host);
}

bool fits(std::string_view pattern, std::string_view name) {
    if (!pattern.ends_with('*')) return pattern == name;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

const std::string* Wire::path_of(exchange::Kind kind) const {
    const auto found = std::ranges::find(paths, kind, &std::pair<exchange::Kind, std::string>::first);
    return found == paths.end() ? nullptr : &found->second;
}

namespace {

std::string no_address(const Provider& provider) {
    std::string variables;
    if (!provider.base_url_env.empty()) {
        variables = fmt::format("{}, or ", provider.base_url_env.front().name);
    } else if (!provider.missing.empty()) {
        variables = fmt::format("{}, or ", provider.missing);
    }
    return fmt::format("{} has no address: set {}[providers.{}] base_url.", provider.id, variables,
                       provider.id);
}

std::string no_key(const Provider& provider) {
    if (!provider.credential_error.empty()) return provider.credential_error;
    std::string variables;
    if (!provider.key_env.empty()) variables = provider.key_env.front() + ", ";
    if (provider.account == Account::aws) variables += "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ";
    if (provider.account == Account::google) variables += "GOOGLE_APPLICATION_CREDENTIALS, ";
    if (!variables.empty()) variables += "or ";
    return fmt::format("{} has no key: set {}[providers.{}] key_file.", provider.id, variables, provider.id);
}

}  // namespace

bool Provider::has_secret() const {
    return !key.empty() || aws || google || pass_client_credentials || !headers.empty();
}

std::string Provider::not_ready() const {
    if (!enabled) return fmt::format("{} is switched off ([providers.{}] enabled = false).", id, id);
    if (!base) return no_address(*this);
    if (has_secret() && sends_key_in_cleartext(*this)) {
        return fmt::format("{} would get its key over plain http on another machine ({}): use https.", id,
                           base->authority());
    }
    if (key.empty() && !aws && !google && !key_optional && !pass_client_credentials && auth != Auth::none)
        return no_key(*this);
    return {};
}

bool Provider::offers(std::string_view model) const {
    return models.empty() ||
           std::ranges::any_of(models, [&](std::string_view pattern) { return fits(pattern, model); });
}

bool Provider::serves(std::string_view model) const {
    bool chosen = true;  // unless there is a list of what is
    for (const std::string_view pattern : catalogue) {
        const bool not_this = pattern.starts_with('!');
        if (fits(not_this ? pattern.substr(1) : pattern, model)) return !not_this;
        if (!not_this) chosen = false;
    }
    return chosen;
}

}  // namespace hearth::provider
