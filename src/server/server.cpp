#include "server/server.h"

#include <fmt/format.h>

#include "server/connection.h"

namespace hearth::server {

std::string_view Server::Impl::http_date() {
    if (loop.now() >= date_until) {
        const auto wall = loop.clock().wall();
        date = http::format_http_date(wall);
        date_until = loop.now() + (seconds(1) - wall.time_since_epoch() % seconds(1));
    }
    return date;
}

Server::Server(net::Loop& loop, Limits limits, Handler handler, ErrorWriter error_writer)
    : impl_(std::make_shared<Impl>(loop, limits, std::move(handler), std::move(error_writer))) {}
Server::~Server() {
    for (auto& listener : impl_->listeners) listener->close();
}

void Server::serve(std::unique_ptr<net::Listener> listener) {
    listener->start([this](std::unique_ptr<net::Stream> stream) { serve_connection(std::move(stream)); });
    impl_->listeners.push_back(std::move(listener));
}

void Server::serve_connection(std::unique_ptr<net::Stream> stream) {
    ++impl_->stats.accepted;
    if (impl_->stats.open >= impl_->limits.connections || impl_->draining) {
        ++impl_->stats.refused;
        std::string body, head;
        impl_->error_writer(
            Error{.code = Code::overloaded, .message = "too many connections are open; try again shortly"},
            503, body);
        http::HeadWriter writer(head);
        writer.status(503)
            .header("content-type", "application/json")
            .content_length(body.size())
            .header("connection", "close")
            .header("retry-after", "1");
        const std::array<std::string_view, 2> pieces{head, body};
        if (writer.finish()) stream->try_write(pieces, 0);  // one attempt: a rejection must be cheap
        return;
    }
    spawn(Connection::serve(std::make_unique<Connection>(impl_, std::move(stream))));
}

namespace {

// Waits until no connection is open, at most `grace`.
Task<void> wait_empty(Server::Impl& impl, nanoseconds limit) {
    if (impl.stats.open == 0) co_return;
    Promised<bool> emptied;
    impl.emptied = &emptied;
    net::Deadline deadline(impl.loop, [&emptied] { emptied.set(false); });
    deadline.arm_in(limit);
    co_await emptied;
    impl.emptied = nullptr;
}

// The callee may close connections, so a copy of the list is iterated.
template <class F>
void for_each_connection(Server::Impl& impl, F f) {
    std::vector<Connection*> all;
    for (auto* at = impl.connections.next; at != &impl.connections; at = at->next)
        all.push_back(static_cast<Connection*>(at));
    for (auto* connection : all) f(*connection);
}

}  // namespace

Task<void> Server::shutdown(nanoseconds grace, nanoseconds hard) {
    const auto impl = impl_;
    impl->draining = true;
    for (auto& listener : impl->listeners) listener->close();
    for_each_connection(*impl, [](Connection& c) { c.close_if_idle(); });
    co_await wait_empty(*impl, grace);
    const Error reason{.code = Code::cancelled, .message = "the server is shutting down"};
    for_each_connection(*impl, [&](Connection& c) { c.stop(reason); });
    co_await wait_empty(*impl, hard);
    for_each_connection(*impl, [&](Connection& c) { c.cut(reason); });
    co_await wait_empty(*impl, hard);
}

Server::Stats Server::stats() const {
    return impl_->stats;
}

std::vector<net::Address> Server::addresses() const {
    std::vector<net::Address> all;
    for (const auto& listener : impl_->listeners) all.push_back(listener->local_address());
    return all;
}

}  // namespace hearth::server
