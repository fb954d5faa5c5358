#include "gateway/access.h"

#include <doctest/doctest.h>

namespace access_test {

using namespace hearth;
using namespace hearth::gateway;

namespace {

http::RequestHead head(std::string_view host,
                       std::initializer_list<std::pair<std::string_view, std::string_view>> headers = {}) {
    http::RequestHead out;
    out.method = "POST";
    out.target = "/v1/chat/completions";
    out.host = host;
    for (const auto& [name, value] : headers) out.headers.append(name, value);
    return out;
}
net::Address from(const char* ip) {
    return *net::Address::parse(ip, 50'000);
}

// Access with a configuration that a test may change, as a reload does.
struct Door {
    upstream::SettingsPtr settings =
        std::make_shared<const upstream::Settings>(config::Config{}, provider::Registry{});
    Access access{settings, *config::KeyStore::load("/nonexistent/hearth-keys"), system_clock()};
    void change(void (*edit)(config::Server&)) {
        config::Config config = settings->config;
        edit(config.server);
        settings = std::make_shared<const upstream::Settings>(std::move(config), provider::Registry{});
        access.settings_changed();
    }
    Result<Caller> admit(const http::RequestHead& h, const char* ip = "127.0.0.1") {
        return access.admit(h, from(ip));
    }
};

}  // namespace

TEST_CASE("names of this machine are accepted, a rebound name is not") {
    Door door;
    for (const auto host : {"localhost", "127.0.0.1:4327", "[::1]:4327", "a.localhost:1"})
        CHECK(door.admit(head(host)));
    for (const auto host : {"evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost@evil"}) {
        CAPTURE(host);
        const auto caller = door.admit(head(host));
        REQUIRE_FALSE(caller);
        CHECK(caller.error()->code == Code::forbidden);
    }
    door.change([](config::Server& server) { server.allowed_hosts = {"gateway.example"}; });
    CHECK(door.admit(head("Gateway.Example:80")));
}

TEST_CASE("pages: same origin, loopback and editors may; others and null may not") {
    Door door;
    for (const auto origin :
         {"http://localhost:3000", "http://127.0.0.1:4327", "vscode-webview://abc", "https://[::1]:9"}) {
        CAPTURE(origin);
        CHECK(door.admit(head("localhost", {{"origin", origin}})));
        CHECK(door.access.cors_origin(head("localhost", {{"origin", origin}})) == origin);
    }
    for (const auto origin :
         {"https://evil.example", "null", "http://localhost.evil.example", "chrome-extension://x"}) {
        CAPTURE(origin);
        CHECK_FALSE(door.admit(head("localhost", {{"origin", origin}})));
        CHECK_FALSE(door.access.cors_origin(head("localhost", {{"origin", origin}})));
    }
    door.change([](config::Server& server) { server.allowed_origins = {"https://app.example"}; });
    CHECK(door.admit(head("localhost", {{"origin", "https://app.example"}})));
}

TEST_CASE("on loopback any key or none works; from elsewhere only a known one") {
    Door door;
    CHECK(door.admit(head("localhost"))->key.empty());
    CHECK(door.admit(head("localhost", {{"authorization", "Bearer sk-whatever"}})));
    const auto stranger = door.admit(head("127.0.0.1"), "192.168.1.9");
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error()->code == Code::unauthenticated);
    door.change([](config::Server& server) { server.require_keys = true; });
    CHECK(door.admit(head("localhost")).error()->message.find("hearth key add") != std::string::npos);
}

TEST_CASE("a request that has passed too many gateways is a loop") {
    Door door;
    CHECK(door.admit(head("localhost", {{"x-hearth-hop", "1"}}))->hops == 1);
    CHECK(door.admit(head("localhost", {{"x-hearth-hop", "3"}})).error()->code == Code::loop_detected);
    CHECK(door.admit(head("localhost", {{"x-hearth-hop", "x"}})).error()->code == Code::invalid_request);
}

TEST_CASE("the user agent's family, never its version or what a stranger writes into it") {
    CHECK(client_family("OpenAI/JS 7.57.0") == "openai/js");
    CHECK(client_family("curl/8.5.0") == "curl");
    CHECK(client_family("claude-cli/2.1.330 (external)") == "claude-cli");
    CHECK(client_family("\"><script>") == "script");
    CHECK(client_family("").empty());
}

}  // namespace access_test
