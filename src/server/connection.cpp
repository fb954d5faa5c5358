// The lifecycle of a connection: heads, exchanges one after another, closing.
#include "server/connection.h"

#include <fmt/format.h>

namespace hearth::server {

namespace {
constexpr auto kGoneGrace = std::chrono::milliseconds(5);
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kKeptBytes = 4 * 1024;  // of a string's memory, between two exchanges
}  // namespace

Connection::Connection(std::shared_ptr<Server::Impl> server, std::unique_ptr<net::Stream> stream)
    : server_(std::move(server)),
      stream_(std::move(stream)),
      decoder_(server_->limits.http),
      deadline_(server_->loop, [this] { on_deadline(); }),
      write_deadline_(
          server_->loop,
          [this] { cut(Error{.code = Code::cancelled, .message = "the client stopped reading"}); }),
      gone_deadline_(server_->loop, [this] { on_peer_gone(); }),
      flush_(server_->loop, [this] { flush(); }) {
    server_->connections.push_back(*this);
    ++server_->stats.open;
}

Connection::~Connection() {
    unlink();
    --server_->stats.open;
    if (server_->stats.open == 0) server_->notify_empty.schedule();
}

Task<void> Connection::serve(std::unique_ptr<Connection> self) {
    co_await self->run();
}

Task<void> Connection::run() {
    while (co_await read_head()) {
        begin_exchange();
        co_await server_->handler(*this);
        const bool again = co_await end_exchange();
        if (!again) break;
    }
}

Task<bool> Connection::read_head() {
    phase_ = Phase::idle;
    Mono head_end = Mono::max();
    while (true) {
        if (!unread_.empty()) {
            auto progress = decoder_.feed(unread_);
            if (!progress) {
                co_await refuse(std::move(progress.error()));
                co_return false;
            }
            unread_.remove_prefix(progress->consumed);
            if (progress->event == http::Event::head) co_return true;
            if (phase_ == Phase::idle && !decoder_.idle()) {
                phase_ = Phase::head;
                head_end = server_->loop.now() + server_->limits.head;
            }
            if (!unread_.empty()) continue;
        }
        if (close_after_exchange_ || (server_->draining && phase_ == Phase::idle)) co_return false;
        const auto got = co_await receive(
            phase_ == Phase::idle ? server_->limits.keep_alive : server_->limits.head, head_end);
        if (got == Got::bytes) continue;
        if (got == Got::timed_out && phase_ == Phase::head) {
            co_await refuse(Error{
                .code = Code::timeout_client,
                .message = fmt::format("the request's head was not complete after {} s",
                                       std::chrono::duration_cast<seconds>(server_->limits.head).count())});
        }
        co_return false;
    }
}

Task<Connection::Got> Connection::receive(nanoseconds progress, Mono end) {
    while (true) {
        if (!block_) block_ = server_->loop.take_block();
        const auto n = stream_->try_read({block_.get(), net::Loop::kBlockBytes});
        if (n > 0) {
            unread_ = {block_.get(), static_cast<std::size_t>(n)};
            co_return Got::bytes;
        }
        if (n != net::Stream::kWouldBlock) {
            block_.reset();
            peer_ended_ = true;
            co_return n == 0 ? Got::end : Got::failed;
        }
        block_.reset();
        deadline_.arm(std::min(server_->loop.now() + progress, end));
        timed_out_ = false;
        const auto ready = co_await stream_->readable();
        if (!ready) co_return Got::failed;
        if (timed_out_ ||
            (close_after_exchange_ && (phase_ == Phase::idle || phase_ == Phase::linger || upgraded_)))
            co_return Got::timed_out;
    }
}

void Connection::on_deadline() {
    if (phase_ != Phase::handler) {
        timed_out_ = true;
        stream_->wake_reader();
        return;
    }
    stop(Error{.code = Code::cancelled, .message = "the exchange took longer than the server allows"});
}

void Connection::close_if_idle() {
    close_after_exchange_ = true;
    if (phase_ == Phase::idle || phase_ == Phase::linger || upgraded_) stream_->wake_reader();
}

void Connection::stop(Error reason) {
    if (gone_) gone_->stop(std::move(reason));
}

void Connection::cut(Error reason) {
    keep_ = false;
    client_gone_ = true;
    stream_->cancel(reason);
    stop(std::move(reason));
}

Task<void> Connection::refuse(Error error) {
    ++server_->stats.bad_requests;
    keep_ = false;
    answer_ = Answer::none;
    started_ = server_->loop.now();
    co_await respond_error(error);
    co_await linger();
}

void Connection::begin_exchange() {
    ++requests_;
    ++server_->stats.requests;
    ++server_->stats.busy;
    started_ = server_->loop.now();
    phase_ = Phase::handler;
    answer_ = Answer::none;
    keep_ = decoder_.keep_alive() && requests_ < server_->limits.requests_per_connection;
    body_whole_ = continue_sent_ = false;
    body_view_ = {};
    deadline_.arm(started_ + server_->limits.total);
}

Task<bool> Connection::end_exchange() {
    if (answer_ == Answer::none && !client_gone_ && !aborted_) {
        co_await respond_error(Error{.code = Code::internal,
                                     .message = "the request was not answered; this is a bug in the server"});
    }
    if (answer_ == Answer::streaming) abort();
    if (draining_) co_await wait_until_below(1);
    flush_.cancel();
    gone_deadline_.disarm();
    stream_->watch_peer_gone(nullptr);
    --server_->stats.busy;
    if (client_gone_) ++server_->stats.clients_gone;
    gone_.reset();
    id_.clear();
    body_error_.reset();
    body_.clear();
    if (body_.capacity() > kKeptBytes) body_.shrink_to_fit();
    out_.clear();
    out_sent_ = 0;
    if (out_.capacity() > kKeptBytes) out_.shrink_to_fit();
    if (aborted_ || client_gone_ || stream_->cancelled()) co_return false;

    const bool whole = body_whole_ || co_await skip_body();
    if (!whole || !keep_ || server_->draining) {
        co_await linger();
        co_return false;
    }
    decoder_.next();
    co_return true;
}

// Skips what the handler left of the body, up to a limit: the next request follows it.
Task<bool> Connection::skip_body() {
    std::size_t skipped = 0;
    const bool waits = decoder_.expects_continue() && !continue_sent_;
    const bool too_long = decoder_.content_length().value_or(0) > server_->limits.drain;
    phase_ = Phase::body;
    const Mono end = server_->loop.now() + server_->limits.head;
    while (true) {
        auto progress = decoder_.feed(unread_);
        if (!progress) co_return false;
        unread_.remove_prefix(progress->consumed);
        if (progress->event == http::Event::end) co_return true;
        if (!keep_ || waits || too_long) co_return false;
        skipped += progress->body.size();
        if (skipped > server_->limits.drain) co_return false;
        if (!unread_.empty() || progress->event == http::Event::body) continue;
        const auto got = co_await receive(server_->limits.body_progress, end);
        if (got != Got::bytes) co_return false;
    }
}

// Closing with unread bytes in the kernel would reset the connection and may destroy the response in transit (RFC 9112
// section 9.6): shut down the sending side, then read until the client closes.
Task<void> Connection::linger() {
    if (peer_ended_ || stream_->cancelled()) co_return;
    phase_ = Phase::linger;
    stream_->shutdown_write();
    const Mono end = server_->loop.now() + kLinger;
    while (server_->loop.now() < end) {
        const auto got = co_await receive(kLinger, end);
        if (got != Got::bytes) co_return;
    }
}

void Connection::on_peer_gone() {
    if (phase_ != Phase::handler && phase_ != Phase::body) return;
    // A client that closes its side right after a request may still want the response; one that waited has disconnected.
    if (answer_ != Answer::streaming && server_->loop.now() - started_ < kGoneGrace) {
        gone_deadline_.arm(started_ + kGoneGrace);
        return;
    }
    client_gone_ = true;
    keep_ = false;
    stop(Error{.code = Code::cancelled, .message = "the client closed the connection"});
}

StopToken Connection::gone() {
    if (!gone_) {
        gone_.emplace();
        stream_->watch_peer_gone([this] { on_peer_gone(); });
    }
    return gone_->token();
}

const std::string& Connection::id() {
    if (id_.empty()) id_ = make_id("req_", system_random());
    return id_;
}

}  // namespace hearth::server
