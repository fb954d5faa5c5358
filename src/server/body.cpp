// Request bodies.
#include <fmt/format.h>

#include "server/connection.h"

namespace hearth::server {

namespace {
constexpr std::size_t kReserve =
    1024 * 1024;  // Content-Length is unverified: more is reserved as bytes arrive
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
            body_view_ =
                piece;  // complete, and it stays in the block: there is no further read during the exchange
            continue;
        }
        if (body_.empty())
            body_.reserve(std::min<std::size_t>({decoder_.content_length().value_or(0), kReserve, limit}));
        body_ += piece;
    }
}

Failed Connection::broken_body(Error error) {
    keep_ = false;
    phase_ = Phase::handler;
    deadline_.arm(started_ + server_->limits.total);
    body_error_ = error;
    return fail(std::move(error));
}

Task<Result<void>> Connection::receive_body(Mono end) {
    if (decoder_.expects_continue() && !std::exchange(continue_sent_, true)) {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto sent = co_await stream_->write_all(kContinue);
        if (!sent)
            co_return broken_body(
                Error{.code = Code::cancelled, .message = "the client closed the connection"});
    }
    phase_ = Phase::body;
    const auto got = co_await receive(server_->limits.body_progress, end);
    if (got == Got::bytes) co_return Result<void>{};
    if (got == Got::timed_out) {
        co_return broken_body(
            Error{.code = Code::timeout_client, .message = "the request's body did not arrive in time"});
    }
    client_gone_ = true;
    stop(Error{.code = Code::cancelled, .message = "the client closed the connection"});
    co_return broken_body(
        Error{.code = Code::cancelled, .message = "the client closed the connection within its request"});
}

Task<Result<std::string_view>> Connection::read_body(std::size_t limit) {
    if (body_error_) co_return fail(*body_error_);
    if (body_whole_) co_return body_view_;
    limit = std::min(limit, server_->limits.http.body_bytes);
    decoder_.set_body_limit(limit);
    const Mono end = server_->loop.now() + server_->limits.body_total;
    while (true) {
        auto whole = take_body(limit);
        if (!whole) co_return broken_body(std::move(whole.error()));
        if (*whole) break;
        if (auto more = co_await receive_body(end); !more) co_return fail(std::move(more.error()));
    }
    phase_ = Phase::handler;
    deadline_.arm(started_ + server_->limits.total);
    body_whole_ = true;
    co_return body_view_;
}

Task<Result<std::string_view>> Connection::read_piece(std::uint64_t limit) {
    if (body_error_) co_return fail(*body_error_);
    if (body_whole_) co_return std::string_view();
    decoder_.set_body_limit(static_cast<std::size_t>(limit));
    while (true) {
        auto progress = decoder_.feed(unread_);
        if (!progress) co_return broken_body(std::move(progress.error()));
        unread_.remove_prefix(progress->consumed);
        if (progress->event == http::Event::need_more) {
            // Limited by the exchange's total time and by progress.
            auto more = co_await receive_body(started_ + server_->limits.total);
            if (!more) co_return fail(std::move(more.error()));
            continue;
        }
        phase_ = Phase::handler;
        deadline_.arm(started_ + server_->limits.total);
        body_whole_ = progress->event == http::Event::end;
        if (body_whole_ || !progress->body.empty()) co_return progress->body;
    }
}

}  // namespace hearth::server
