#include "client/client.h"

#include <fmt/format.h>

#include "client/connection.h"
#include "client/response.h"

namespace hearth::client {

Client::Client(net::Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Client::~Client() = default;

void Client::close_idle() {
    impl_->pool.clear();
}

Client::Stats Client::stats() const {
    auto stats = impl_->stats;
    stats.idle = impl_->pool.idle();
    return stats;
}

namespace {

Result<void> check_permit(const privacy::Permit& permit, const Remote& to) {
    if (to.scheme != "http" && to.scheme != "https")
        return fail(Code::internal, fmt::format("\"{}\" is not a supported scheme", to.scheme));
    if (permit.scheme() == to.scheme && permit.host() == to.host && permit.port() == to.port) return {};
    return fail(Code::forbidden,
                fmt::format("the permit is for {}://{}:{}, the request would go to {}://{}:{}",
                            permit.scheme(), permit.host(), permit.port(), to.scheme, to.host, to.port));
}

// What two connections must share to be interchangeable. `ca` and proxy determine the trusted peer.
void make_key(std::string& key, const Remote& to, const std::optional<net::Proxy>& proxy) {
    const fmt::format_int port(to.port);
    key.assign(to.scheme).append(1, '|').append(to.host).append(1, '|').append(port.data(), port.size());
    key.append(1, '|').append(to.ca_file);
    if (proxy)
        fmt::format_to(std::back_inserter(key), "|{}|{}|{}", proxy->host, proxy->port, proxy->authorization);
}

}  // namespace

Task<Result<std::unique_ptr<Response>>> Client::send(const privacy::Cleared& cleared, const Remote& to,
                                                     Request request, Timeouts timeouts, StopToken stop) {
    assert(cleared.unchanged());
    auto& impl = *impl_;
    const auto& permit = cleared.permit();
    if (auto allowed = check_permit(permit, to); !allowed) co_return fail(std::move(allowed.error()));
    if (stop.stopped()) co_return fail(stop.reason());
    std::optional<net::Proxy> proxy;
    if (permit.place() == Place::cloud && !to.loopback_required)
        proxy = impl.options.proxies.for_destination(to.scheme, to.host, to.port);
    make_key(impl.key, to, proxy);
    auto& bucket = impl.pool.bucket(impl.key);
    const Mono started = impl.loop.now();

    for (bool may_reuse = true;; may_reuse = false) {
        auto connection = may_reuse ? impl.pool.take(bucket) : nullptr;
        const bool reused = connection != nullptr;
        nanoseconds connect_time{0};
        if (reused) {
            ++impl.stats.reuses;
        } else {
            auto fresh =
                co_await impl.connect(to, proxy, bucket, std::min(timeouts.connect, timeouts.total), stop);
            if (!fresh) co_return fail(std::move(fresh.error()));
            connection = std::move(*fresh);
            connect_time = impl.loop.now() - started;
            ++impl.stats.connects;
        }
        if (auto checked = check_peer(permit, to, request, *connection); !checked)
            co_return fail(std::move(checked.error()));
        auto exchange = std::make_unique<Exchange>(impl, std::move(connection), timeouts, started, stop);
        exchange->set_times(reused, connect_time);
        auto done = co_await exchange->roundtrip(to, request, cleared.body(), proxy);
        if (done) co_return std::unique_ptr<Response>(std::move(exchange));
        const bool stale = reused && exchange->was_stale() && !stop.stopped();
        if (!stale) co_return fail(std::move(done.error()));
        ++impl.stats.stale_retries;
    }
}

}  // namespace hearth::client
