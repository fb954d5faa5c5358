#include "net/tls.h"
#include "certs.h"
#include "rig.h"

namespace tls_test {

using namespace rig;

namespace {

struct TlsServer {
    std::shared_ptr<net::TlsContext> context;
    std::unique_ptr<net::Listener> listener;
};

// Answers every connection's first line with "hello <line>", then closes.
Task<void> serve_greeting(std::unique_ptr<net::Stream> plain, std::shared_ptr<net::TlsContext> context) {
    auto stream = co_await net::tls_accept(std::move(plain), std::move(context), 5s);
    if (!stream) co_return;
    const auto line = co_await read_until(**stream, "\n");
    co_await write(**stream, "hello " + line);
}

TlsServer serve(net::Loop& loop, const Certificates& certificates) {
    TlsServer server;
    server.context = *net::TlsContext::server(certificates.chain_file, certificates.key_file);
    server.listener = listen(loop);
    server.listener->start([context = server.context](std::unique_ptr<net::Stream> s) {
        spawn(serve_greeting(std::move(s), context));
    });
    return server;
}

Task<std::string> request_greeting(net::Loop& loop, net::Address address,
                                   std::shared_ptr<net::TlsContext> context, std::string host) {
    auto plain = co_await dial(loop, address);
    auto stream = co_await net::tls_connect(std::move(plain), std::move(context), host, 5s, {});
    if (!stream) co_return std::string(code_name(stream.error()->code)) + ": " + stream.error()->message;
    co_await write(**stream, "you\n");
    co_return co_await read_to_end(**stream);
}

Task<void> verified(net::Loop& loop) {
    const Certificates mine("tls", "DNS:localhost,DNS:*.example.test,IP:127.0.0.1");
    const Certificates others("tls-other", "DNS:localhost");
    auto server = serve(loop, mine);
    const auto address = server.listener->local_address();
    auto context = *net::TlsContext::client(mine.ca_file);
    for (const char* host : {"localhost", "a.example.test", "127.0.0.1"}) {
        CAPTURE(host);
        const auto said = co_await request_greeting(loop, address, context, host);
        CHECK(said == "hello you\n");
    }
    for (const char* host : {"wrong.test", "a.b.example.test", "127.0.0.2", "example.test"}) {
        CAPTURE(host);
        const auto said = co_await request_greeting(loop, address, context, host);
        CHECK(said.find("upstream_connect") == 0);
        CHECK(said.find("mismatch") != std::string::npos);
    }
    for (const auto& ca : {std::string(), others.ca_file}) {
        const auto said = co_await request_greeting(loop, address, *net::TlsContext::client(ca), "localhost");
        CHECK(said.find("upstream_connect") == 0);
        CHECK(said.find("certificate is not accepted") != std::string::npos);
    }
    server.listener->close();
    co_await loop.sleep(20ms);
}

Task<void> mute(std::unique_ptr<net::Stream> stream) {
    co_await read_to_end(*stream);
}

Task<void> garbage(std::unique_ptr<net::Stream> stream) {
    co_await write(*stream, "HTTP/1.1 400 this is not TLS\r\n\r\n");
    co_await read_to_end(*stream);
}

Task<void> no_tls_there(net::Loop& loop) {
    auto context = *net::TlsContext::client("");
    auto listener = listen(loop);
    listener->start([](std::unique_ptr<net::Stream> s) { spawn(garbage(std::move(s))); });
    const auto said = co_await request_greeting(loop, listener->local_address(), context, "localhost");
    CHECK(said.find("upstream_connect") == 0);

    auto silent = listen(loop);
    silent->start([](std::unique_ptr<net::Stream> s) { spawn(mute(std::move(s))); });
    auto plain = co_await dial(loop, silent->local_address());
    auto late = co_await net::tls_connect(std::move(plain), context, "localhost", 50ms, {});
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error()->code == Code::upstream_timeout);
    co_await loop.sleep(20ms);
}

Task<void> resumption(net::Loop& loop) {
    const Certificates mine("tls-resume", "DNS:localhost,DNS:other.test");
    auto server = serve(loop, mine);
    auto context = *net::TlsContext::client(mine.ca_file);
    const std::pair<const char*, bool> attempts[] = {
        {"localhost", false}, {"localhost", true}, {"other.test", false}};
    for (const auto& [host, expected] : attempts) {
        auto plain = co_await dial(loop, server.listener->local_address());
        auto stream = co_await net::tls_connect(std::move(plain), context, host, 5s, {});
        REQUIRE(stream.has_value());
        CHECK(net::tls_resumed(**stream) == expected);  // never with another name's session
        co_await write(**stream, "you\n");
        const auto said = co_await read_to_end(**stream);  // the tickets come with the first bytes
        CHECK(said == "hello you\n");
    }
    server.listener->close();
    co_await loop.sleep(20ms);
}

Task<void> discard_all(std::unique_ptr<net::Stream> plain, std::shared_ptr<net::TlsContext> context,
                       std::size_t& total) {
    auto stream = co_await net::tls_accept(std::move(plain), std::move(context), 5s);
    if (!stream) co_return;
    const auto all = co_await read_to_end(**stream);
    total = all.size();
}

Task<void> much(net::Loop& loop) {
    const Certificates mine("tls-much", "DNS:localhost");
    auto server_context = *net::TlsContext::server(mine.chain_file, mine.key_file);
    auto listener = listen(loop);
    std::size_t total = 0;
    listener->start(
        [&](std::unique_ptr<net::Stream> s) { spawn(discard_all(std::move(s), server_context, total)); });
    auto plain = co_await dial(loop, listener->local_address());
    auto stream = co_await net::tls_connect(std::move(plain), *net::TlsContext::client(mine.ca_file),
                                            "localhost", 5s, {});
    REQUIRE(stream.has_value());
    const std::string big(3'000'000, 'a');
    const std::array<std::string_view, 4> pieces{"head", big, "", big};
    auto sent = co_await (*stream)->write_all(pieces);
    CHECK(sent.has_value());
    (*stream)->shutdown_write();
    for (int i = 0; i < 1000 && total == 0; ++i) co_await loop.sleep(5ms);
    CHECK(total == 6'000'004);
}

}  // namespace

TEST_CASE("a certificate must be trusted and match the host name") {
    net::Loop loop;
    run(loop, verified(loop));
}

TEST_CASE("a server without TLS, or one that does not answer, is an error") {
    net::Loop loop;
    run(loop, no_tls_there(loop));
}

TEST_CASE("a second connection to the same host resumes the session") {
    net::Loop loop;
    run(loop, resumption(loop));
}

TEST_CASE("large gathered writes over TLS arrive complete") {
    net::Loop loop;
    run(loop, much(loop));
}

TEST_CASE("an unreadable certificate file is a configuration error") {
    auto context = net::TlsContext::client("/no/such/file.pem");
    REQUIRE_FALSE(context.has_value());
    CHECK(context.error()->code == Code::config);
    CHECK(context.error()->message.find("/no/such/file.pem") != std::string::npos);
}

}  // namespace tls_test
