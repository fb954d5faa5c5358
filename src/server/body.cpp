// Request bodies.
#include <fmt/format.h>

#include "server/connection.h"

namespace hearth::server {

namespace {
constexpr std::size_t kReserve =
    1024 * 1024;  // a Content-Length is only a claim: more is reserved as it comes
}

Result<bool> Connection::take_body(std::size_t limit) {
    while (true) {
        auto progress = decoder_.feed(unread_);
        if (!progress) return fail(std::move(progress.error()));
        unread_.remove_prefix(progress->consumed);
        if (progress->event == http::Event::need_more) return false;
        if (progress->event == http::Event::end) {
            if (!body_.empty()) body_view_ = body_;
            return true;
        }
        const auto piece = progress->body;
        if (body_view_.empty() && body_.empty() && piece.size() == decoder_.content_length()) {
            body_view_ = piece;  // whole, and it stays in the block: nobody reads before the exchange is over
            continue;
        }
        if (body_.empty())
            body_.reserve(std::min<std::size_t>({decoder_.content_length().value_or(0), kReserve, limit}));
        body_ += piece;
    }
}

Task<Result<std::string_view>> Connection::read_body(std::size_t limit) {
    if (body_error_) co_return fail(*body_error_);
    if (body_whole_) co_return body_view_;
    limit = std::min(limit, server_->limits.http.body_bytes);
    decoder_.set_body_limit(limit);
    const auto broken = [this](Error error) {
        keep_ = false;
        phase_ = Phase::handler;
        deadline_.arm(started_ + server_->limits.total);
        body_error_ = error;
        return fail(std::move(error));
    };
    const Mono end = server_->loop.now() + server_->limits.body_total;
    while (true) {
        auto whole = take_body(limit);
        if (!whole) co_return broken(std::move(whole.error()));
        if (*whole) break;
        if (decoder_.expects_continue() && !std::exchange(continue_sent_, true)) {
            constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            const auto sent = co_await stream_->write_all(kContinue);
            if (!sent)
                co_return broken(
                    Error{.code = Code::cancelled, .message = "the client closed the connection"});
        }
        phase_ = Phase::body;
        const auto got = co_await receive(server_->limits.body_progress, end);
        if (got == Got::bytes) continue;
        if (got == Got::timed_out) {
            co_return broken(
                Error{.code = Code::timeout_client, .message = "the request's body did not arrive in time"});
        }
        client_gone_ = true;
        stop(Error{.code = Code::cancelled, .message = "the client closed the connection"});
        co_return broken(
            Error{.code = Code::cancelled, .message = "the client closed the connection within its request"});
    }
    phase_ = Phase::handler;
    deadline_.arm(started_ + server_->limits.total);
    body_whole_ = true;
    co_return body_view_;
}

}  // namespace hearth::server
