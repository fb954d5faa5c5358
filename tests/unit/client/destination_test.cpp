// Destination checks: permits, places, credentials, proxies, TLS.
#include <sys/socket.h>

#include "client/connection.h"
#include "client_rig.h"
#include "net/tls.h"
#include "unit/net/certs.h"

namespace destination_test {

using namespace rig;

namespace {

client::Request with_key() {
    client::Request request{.method = "GET", .target = "/"};
    request.headers.append("authorization", "Bearer secret");
    return request;
}

Task<void> permits(net::Loop& loop) {
    Upstream up(loop, {{{{"\r\n\r\n", ok("x")}}, End::hold}});
    client::Client client(loop);
    const auto here = to(up.address);
    for (const auto& other : {client::Remote{.scheme = "https", .host = here.host, .port = here.port},
                              client::Remote{.scheme = "http", .host = "127.0.0.2", .port = here.port},
                              client::Remote{.scheme = "http", .host = here.host, .port = 1}}) {
        const auto cleared = privacy::PermitForTest::clear(other, Place::cloud);
        auto response = co_await client.send(cleared, here, with_key(), {}, {});
        REQUIRE_FALSE(response.has_value());
        CHECK(response.error()->code == Code::forbidden);
        CHECK(response.error()->message.find("secret") == std::string::npos);
    }
    CHECK(up.accepted == 0);
    co_await up.closed();
}

// The result of check_peer for a connection whose peer is at `ip`.
std::string checked(net::Loop& loop, std::string_view ip, Place place, client::Remote where,
                    const client::Request& request, bool proxied = false) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const net::Fd other(ends[1]);
    auto stream = net::make_stream(loop, net::Fd(ends[0]), *net::Address::parse(ip, 80));
    client::Bucket bucket;
    const client::Connection connection(loop, std::move(*stream), bucket, proxied);
    const auto result =
        client::check_peer(privacy::PermitForTest::make(where, place), where, request, connection);
    return result ? "ok" : std::string(code_name(result.error()->code));
}

Task<void> loopback_with_key(net::Loop& loop) {
    Upstream up(loop, {{{{"\r\n\r\n", ok("x")}}, End::close}});
    client::Client client(loop);
    auto where = to(up.address);
    where.loopback_required = true;
    const auto allowed = co_await fetch(client, where, with_key());
    CHECK(allowed.body == "x");
    co_await up.closed();
}

Task<void> tunnel_server(std::unique_ptr<net::Stream> stream, std::shared_ptr<net::TlsContext> context,
                         std::string& seen) {
    seen += co_await read_until(*stream, "\r\n\r\n");
    if (seen.find("CONNECT ") == std::string::npos) {
        co_await write(*stream, ok("from the proxy"));
        co_return;
    }
    if (seen.find("refused.test") != std::string::npos) {
        co_await write(*stream, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        co_return;
    }
    co_await write(*stream, "HTTP/1.1 200 Connection established\r\n\r\n");
    auto inside = co_await net::tls_accept(std::move(stream), std::move(context), 5s);
    if (!inside) co_return;
    seen += co_await read_until(**inside, "\r\n\r\n");
    co_await write(**inside, ok("through the tunnel"));
    co_await read_to_end(**inside);
}

Task<void> proxies(net::Loop& loop) {
    const Certificates certificates("proxy", "DNS:api.test");
    auto context = *net::TlsContext::server(certificates.chain_file, certificates.key_file);
    std::string seen;
    auto listener = listen(loop);
    listener->start(
        [&](std::unique_ptr<net::Stream> s) { spawn(tunnel_server(std::move(s), context, seen)); });
    const std::string proxy = "http://user:pw@127.0.0.1:" + std::to_string(listener->local_address().port());
    client::Client::Options options;
    options.proxies = *net::ProxyEnv::from([&](const char* name) -> const char* {
        return std::string_view(name) == "all_proxy" ? proxy.c_str() : nullptr;
    });
    {
        client::Client client(loop, options);
        client::Remote secure{
            .scheme = "https", .host = "api.test", .port = 443, .ca_file = certificates.ca_file};
        const auto got = co_await fetch(client, secure, with_key(), {}, {}, Place::cloud);
        CHECK(got.error.empty());
        CHECK(got.body == "through the tunnel");
        CHECK(seen.find("CONNECT api.test:443 HTTP/1.1\r\n") == 0);
        CHECK(seen.find("proxy-authorization: Basic dXNlcjpwdw==\r\n") != std::string::npos);
        const auto inside = seen.substr(seen.find("GET / "));
        CHECK(inside.find("host: api.test\r\n") != std::string::npos);
        CHECK(inside.find("proxy-authorization") == std::string::npos);
        CHECK(count(seen, "secret") == 1);  // inside the tunnel only

        client::Remote refused{.scheme = "https", .host = "refused.test", .port = 443};
        const auto no = co_await fetch(client, refused, with_key(), {}, {}, Place::cloud);
        CHECK(no.error.find("upstream_connect") == 0);
        CHECK(no.error.find("403") != std::string::npos);

        seen.clear();
        client::Remote plain{.scheme = "http", .host = "plain.test", .port = 80};
        const auto open_key = co_await fetch(client, plain, with_key(), {}, {}, Place::cloud);
        CHECK(open_key.error.find("forbidden") == 0);
        const auto keyless =
            co_await fetch(client, plain, {.method = "GET", .target = "/a"}, {}, {}, Place::cloud);
        CHECK(keyless.body == "from the proxy");
        CHECK(seen.find("GET http://plain.test/a HTTP/1.1\r\nhost: plain.test\r\n") == 0);
    }
    listener->close();
    co_await loop.sleep(50ms);
}

Task<void> tls_server(std::unique_ptr<net::Stream> plain, std::shared_ptr<net::TlsContext> context,
                      int& served, bool& stop) {
    auto stream = co_await net::tls_accept(std::move(plain), std::move(context), 5s);
    if (!stream) co_return;
    while (!stop) {
        const auto got = co_await read_until(**stream, "\r\n\r\n");
        if (got.empty()) break;
        ++served;
        co_await write(**stream, ok("secure"));
    }
}

Task<void> tls(net::Loop& loop) {
    const Certificates certificates("client-tls", "DNS:localhost");
    auto context = *net::TlsContext::server(certificates.chain_file, certificates.key_file);
    auto listener = listen(loop);
    int served = 0;
    bool stop = false;
    listener->start(
        [&](std::unique_ptr<net::Stream> s) { spawn(tls_server(std::move(s), context, served, stop)); });
    const auto port = listener->local_address().port();
    {
        client::Client client(loop);
        client::Remote good{
            .scheme = "https", .host = "localhost", .port = port, .ca_file = certificates.ca_file};
        for (int i = 0; i < 3; ++i) {
            const auto got = co_await fetch(client, good, with_key());
            CHECK(got.error.empty());
            CHECK(got.body == "secure");
            CHECK(got.reused == (i > 0));
        }
        auto wrong_name = good;
        wrong_name.host = "127.0.0.1";
        const auto mismatch = co_await fetch(client, wrong_name, with_key());
        CHECK(mismatch.error.find("upstream_connect") == 0);
        CHECK(mismatch.error.find("mismatch") != std::string::npos);
        auto untrusted = good;
        untrusted.ca_file.clear();  // and a pooled connection with another CA must not be used
        const auto unknown = co_await fetch(client, untrusted, with_key());
        CHECK(unknown.error.find("certificate is not accepted") != std::string::npos);
        auto no_file = good;
        no_file.ca_file = "/no/such.pem";
        const auto config = co_await fetch(client, no_file, with_key());
        CHECK(config.error.find("config: ") == 0);
        CHECK(served == 3);
    }
    listener->close();
    co_await loop.sleep(50ms);
}

}  // namespace

TEST_CASE("a permit is valid for its own destination only") {
    net::Loop loop;
    run(loop, permits(loop));
}
TEST_CASE("the connected address must match the permit's place; keys are not sent in cleartext") {
    net::Loop loop;
    run(loop, loopback_with_key(loop));
    const client::Remote http{.scheme = "http", .host = "up.test", .port = 80};
    const client::Remote https{.scheme = "https", .host = "up.test", .port = 443};
    auto must = https, trusted = http;
    must.loopback_required = true;
    trusted.allow_plain_http_credentials = true;
    const client::Request none{.method = "GET", .target = "/"};
    const auto key = with_key();
    CHECK(checked(loop, "127.0.0.1", Place::loopback, https, key) == "ok");
    CHECK(checked(loop, "192.168.1.2", Place::loopback, https, none) == "forbidden");
    CHECK(checked(loop, "192.168.1.2", Place::lan, https, key) == "ok");
    CHECK(checked(loop, "127.0.0.1", Place::lan, https, key) == "ok");
    CHECK(checked(loop, "8.8.8.8", Place::lan, https, none) == "forbidden");
    CHECK(checked(loop, "8.8.8.8", Place::cloud, https, key) == "ok");
    CHECK(checked(loop, "8.8.8.8", Place::cloud, must, none) == "forbidden");
    CHECK(checked(loop, "8.8.8.8", Place::cloud, http, none) == "ok");
    CHECK(checked(loop, "8.8.8.8", Place::cloud, http, key) == "forbidden");
    CHECK(checked(loop, "192.168.1.2", Place::lan, http, key) == "forbidden");
    const auto common = client::CommonFields::encode(key.headers).value();
    client::Request common_key{.method = "GET", .target = "/"};
    common_key.common = &common;
    CHECK(checked(loop, "8.8.8.8", Place::cloud, http, common_key) == "forbidden");
    CHECK(checked(loop, "8.8.8.8", Place::cloud, https, common_key) == "ok");
    CHECK(checked(loop, "8.8.8.8", Place::cloud, trusted, key) == "ok");
    CHECK(checked(loop, "127.0.0.1", Place::cloud, http, key) == "ok");
    CHECK(checked(loop, "127.0.0.1", Place::cloud, http, key, true) ==
          "forbidden");  // a proxy on loopback forwards it
    for (const char* name : {"X-Api-Key", "api-key", "x-goog-api-key", "Cookie"}) {
        client::Request other{.method = "GET", .target = "/"};
        other.headers.append(name, "k");
        CHECK(checked(loop, "8.8.8.8", Place::cloud, http, other) == "forbidden");
    }
}
TEST_CASE("proxies: https uses CONNECT tunnels, http absolute targets") {
    net::Loop loop;
    run(loop, proxies(loop));
}
TEST_CASE("https upstreams are verified and their connections pooled") {
    net::Loop loop;
    run(loop, tls(loop));
}

}  // namespace destination_test
