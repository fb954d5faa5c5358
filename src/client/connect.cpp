// New connections: name resolution, TCP, proxy, TLS, and the checks of the connected address.
#include <fmt/format.h>

#include "client/connection.h"
#include "http/encoder.h"

namespace hearth::client {

namespace {

constexpr auto kPerAddress = std::chrono::seconds(3);

std::string authority(const Remote& to) {
    const bool ip6 = to.host.find(':') != std::string::npos;
    return ip6 ? fmt::format("[{}]:{}", to.host, to.port) : fmt::format("{}:{}", to.host, to.port);
}

// Opens a tunnel (RFC 9110 section 9.3.6). The stream is left at the first byte after the proxy's response.
Task<Result<void>> open_tunnel(net::Stream& stream, std::string target, net::Proxy proxy) {
    std::string head;
    http::HeadWriter writer(head);
    writer.request("CONNECT", target).header("host", target);
    if (!proxy.authorization.empty()) writer.header("proxy-authorization", proxy.authorization);
    if (auto done = writer.finish(); !done) co_return fail(std::move(done.error()));
    if (auto sent = co_await stream.write_all(std::string_view(head)); !sent)
        co_return fail(std::move(sent.error()));
    http::ResponseDecoder decoder;
    decoder.start(true);  // whatever its fields, a successful response to CONNECT has no body
    while (true) {
        char byte = 0;  // byte by byte: what follows the head belongs to TLS, and this is once per connection
        auto n = co_await stream.read_some({&byte, 1});
        if (!n) co_return fail(std::move(n.error()));
        if (*n == 0)
            co_return fail(Code::upstream_connect,
                           fmt::format("the proxy {}:{} closed the connection", proxy.host, proxy.port));
        auto progress = decoder.feed(std::string_view(&byte, 1));
        if (!progress) co_return fail(std::move(progress.error()));
        if (progress->event == http::Event::head) break;
    }
    const int status = decoder.head().status;
    if (status >= 200 && status < 300) co_return Result<void>{};
    co_return fail(Code::upstream_connect, fmt::format("the proxy {}:{} refused to connect to {}: status {}",
                                                       proxy.host, proxy.port, target, status));
}

}  // namespace

Result<void> check_peer(const privacy::Permit& permit, const Remote& to, const Request& request,
                        const Connection& connection) {
    const auto& peer = connection.stream->peer();
    const auto where = peer.address_class();
    const bool nearby = to.loopback_required || permit.place() <= Place::loopback;
    if (nearby && where != net::AddressClass::loopback) {
        return fail(Code::forbidden,
                    fmt::format("{} resolves to {}, which is not this machine, as its permit requires",
                                to.host, peer.to_string()));
    }
    if (permit.place() == Place::lan && where == net::AddressClass::internet) {
        return fail(
            Code::forbidden,
            fmt::format("{} resolves to {}, which is not in the local network, as its permit requires",
                        to.host, peer.to_string()));
    }
    const bool cleartext =
        to.scheme == "http" && (connection.proxied || where != net::AddressClass::loopback);
    const bool credentials =
        has_credentials(request.headers) || (request.common && request.common->credentials());
    if (cleartext && !to.allow_plain_http_credentials && credentials) {
        return fail(Code::forbidden, fmt::format("a key would be sent to {} in cleartext over plain "
                                                 "http; use https, or allow it for "
                                                 "this provider in the configuration",
                                                 to.host));
    }
    return {};
}

Task<Result<std::shared_ptr<net::TlsContext>>> Client::Impl::tls_context(std::string ca_file) {
    auto& entry = tls[ca_file];  // map: the reference stays valid
    if (entry.context) co_return entry.context;
    if (entry.loading) {
        Promised<bool> loaded;
        entry.waiting.push_back(&loaded);
        co_await loaded;
        if (entry.context) co_return entry.context;
        co_return fail(Code::config, "the trusted certificates could not be loaded");
    }
    entry.loading = true;  // reading the system's store takes tens of milliseconds: not on the loop
    using Loaded = Result<std::shared_ptr<net::TlsContext>>;
    const auto load = [&ca_file]() -> Loaded { return net::TlsContext::client(ca_file); };
    Loaded loaded = co_await loop.run_blocking(load);
    entry.loading = false;
    if (loaded) entry.context = *loaded;
    while (!entry.waiting.empty()) {
        auto* waiter = entry.waiting.back();
        entry.waiting.pop_back();
        waiter->set(true);
    }
    co_return loaded;
}

Task<Result<std::unique_ptr<Connection>>> Client::Impl::connect(const Remote& to,
                                                                std::optional<net::Proxy> proxy,
                                                                Bucket& bucket, nanoseconds timeout,
                                                                StopToken stop) {
    const Mono end = loop.now() + timeout;
    const auto left = [&] { return std::max<nanoseconds>(end - loop.now(), milliseconds(1)); };
    std::shared_ptr<net::TlsContext> context;
    if (to.scheme == "https") {
        auto loaded = co_await tls_context(to.ca_file);
        if (!loaded) co_return fail(std::move(loaded.error()));
        context = std::move(*loaded);
    }
    auto addresses =
        co_await resolver.resolve(proxy ? proxy->host : to.host, proxy ? proxy->port : to.port, stop);
    if (!addresses) co_return fail(std::move(addresses.error()));
    auto stream = co_await net::connect_any(loop, std::move(*addresses), kPerAddress, left(), stop);
    if (!stream) co_return fail(std::move(stream.error()));
    if (proxy && context) {
        net::Stream& tunnel = **stream;
        net::Deadline deadline(loop, [&] {
            tunnel.cancel(Error{
                .code = Code::upstream_timeout,
                .message = fmt::format("the proxy {}:{} did not answer in time", proxy->host, proxy->port)});
        });
        deadline.arm(end);
        const net::CancelOnStop cancel_on_stop(tunnel, stop);
        auto opened = co_await open_tunnel(tunnel, authority(to), *proxy);
        if (!opened) co_return fail(std::move(opened.error()));
    }
    if (context) {
        stream = co_await net::tls_connect(std::move(*stream), std::move(context), to.host, left(), stop);
        if (!stream) co_return fail(std::move(stream.error()));
    }
    co_return std::make_unique<Connection>(loop, std::move(*stream), bucket, proxy.has_value());
}

}  // namespace hearth::client
