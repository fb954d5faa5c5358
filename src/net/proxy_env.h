#pragma once
// The proxy settings of the environment: http_proxy, https_proxy, all_proxy and no_proxy, lower case
// before upper, as curl documents them (https://curl.se/libcurl/c/libcurl-env.html). HTTP_PROXY in capitals
// is ignored when REQUEST_METHOD is set: there it could be a client's header (CVE-2016-5385).
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hearth::net {

struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  // value of Proxy-Authorization ("Basic ..."), or empty
    bool operator==(const Proxy&) const = default;
};

class ProxyEnv {
  public:
    ProxyEnv() = default;  // no proxies
    using GetEnv = std::function<const char*(const char*)>;
    // Code::config names the variable when its value is not "http://[user:pass@]host[:port]" or
    // "host[:port]": proxies over TLS or SOCKS are not supported.
    [[nodiscard]] static Result<ProxyEnv> from(const GetEnv& get_env);
    [[nodiscard]] static Result<ProxyEnv> from_environment();

    // nullopt: connect directly. Loopback literals and localhost are never proxied unless `proxy_loopback`.
    // no_proxy: comma-separated; "*" matches everything; "example.com" and ".example.com" match the domain and
    // its subdomains; "host:port" only that port; addresses and CIDR blocks match literal hosts.
    [[nodiscard]] std::optional<Proxy> for_destination(std::string_view scheme, std::string_view host,
                                                       std::uint16_t port) const;
    bool proxy_loopback = false;

  private:
    std::optional<Proxy> http_, https_;
    std::vector<std::string> no_proxy_;
};

}  // namespace hearth::net
