#include <map>

#include "net/proxy_env.h"
#include "rig.h"

namespace proxy_env_test {

using namespace rig;

namespace {
using Env = std::map<std::string, std::string>;
Result<net::ProxyEnv> from(const Env& env) {
    return net::ProxyEnv::from([&](const char* name) -> const char* {
        const auto at = env.find(name);
        return at == env.end() ? nullptr : at->second.c_str();
    });
}
std::string where(const Env& env, std::string_view scheme, std::string_view host, std::uint16_t port) {
    const auto proxy = from(env)->for_destination(scheme, host, port);
    return proxy ? proxy->host + ":" + std::to_string(proxy->port) : "direct";
}
}  // namespace

TEST_CASE("proxy variables have the documented precedence") {
    CHECK(where({}, "https", "api.test", 443) == "direct");
    CHECK(where({{"https_proxy", "http://p:3128"}}, "https", "api.test", 443) == "p:3128");
    CHECK(where({{"https_proxy", "http://p:3128"}}, "http", "api.test", 80) == "direct");
    CHECK(where({{"HTTPS_PROXY", "P:3128/"}}, "https", "api.test", 443) == "p:3128");
    CHECK(where({{"HTTPS_PROXY", "big:1"}, {"https_proxy", "small:2"}}, "https", "a.test", 443) == "small:2");
    CHECK(where({{"all_proxy", "http://p"}}, "http", "a.test", 80) == "p:1080");
    CHECK(where({{"HTTP_PROXY", "p:1"}}, "http", "a.test", 80) == "p:1");
    CHECK(where({{"HTTP_PROXY", "p:1"}, {"REQUEST_METHOD", "GET"}}, "http", "a.test", 80) == "direct");
    CHECK(from({{"https_proxy", "http://user:p%40ss@p:1"}})
              ->for_destination("https", "a.test", 443)
              ->authorization == "Basic dXNlcjpwQHNz");
}

TEST_CASE("loopback destinations are not proxied") {
    const Env env{{"http_proxy", "p:1"}};
    for (const char* host : {"localhost", "x.localhost", "127.0.0.1", "127.9.9.9", "::1"}) {
        CAPTURE(host);
        CHECK(where(env, "http", host, 80) == "direct");
    }
    CHECK(where(env, "http", "10.0.0.1", 80) == "p:1");
    auto proxied = *from(env);
    proxied.proxy_loopback = true;
    CHECK(proxied.for_destination("http", "127.0.0.1", 80).has_value());
}

TEST_CASE("no_proxy excludes destinations") {
    const Env env{{"https_proxy", "p:1"},
                  {"no_proxy",
                   " example.com, .dots.test ,*.stars.test,ported.test:8443,10.0.0.0/8,192.0.2.7,fd00::/8"}};
    for (const char* host : {"example.com", "EXAMPLE.com", "a.example.com", "dots.test", "a.dots.test",
                             "a.stars.test", "10.9.8.7", "192.0.2.7", "fd00::1"}) {
        CAPTURE(host);
        CHECK(where(env, "https", host, 443) == "direct");
    }
    for (const char* host :
         {"notexample.com", "example.com.evil.test", "ported.test", "11.0.0.1", "192.0.2.8", "2001::1"}) {
        CAPTURE(host);
        CHECK(where(env, "https", host, 443) == "p:1");
    }
    CHECK(where(env, "https", "ported.test", 8443) == "direct");
    CHECK(where({{"https_proxy", "p:1"}, {"NO_PROXY", "*"}}, "https", "a.test", 443) == "direct");
}

TEST_CASE("an invalid proxy variable is named without its password") {
    for (const char* bad : {"https://p:1", "socks5://secret@p:1", "http://user:secret@p:notaport",
                            "http://secret%zz@p:1", "http://"}) {
        CAPTURE(bad);
        const auto env = from({{"https_proxy", bad}});
        REQUIRE_FALSE(env.has_value());
        CHECK(env.error()->code == Code::config);
        CHECK(env.error()->message.find("https_proxy") != std::string::npos);
        CHECK(env.error()->message.find("secret") == std::string::npos);
    }
}

}  // namespace proxy_env_test
