// Responses: whole ones in one write, streamed ones gathered per tick with backpressure.
#include <fmt/format.h>

#include "server/connection.h"

namespace hearth::server {

namespace {

bool is_generated_header(std::string_view name) {  // written by encode_head() itself
    return http::is_hop_by_hop(name) || http::iequals(name, "content-length") || http::iequals(name, "date");
}

bool has_no_body(int status) {
    return status == 204 || status == 304;
}

}  // namespace

Result<void> Connection::client_went() {
    client_gone_ = true;
    keep_ = false;
    return fail(Code::cancelled, "the client closed the connection");
}

// A head with its length, or of a streamed answer (no length).
Result<void> Connection::encode_head(int status, const http::HeaderList& headers,
                                     std::optional<std::size_t> length) {
    if (server_->draining) keep_ = false;
    const bool old_client = head().version_minor == 0;
    chunked_ = !length && !old_client;
    if (!length && old_client) keep_ = false;
    http::HeadWriter writer(out_);
    writer.status(status);
    for (const auto header : headers) {
        if (!is_generated_header(header.name)) writer.header(header.name, header.value);
    }
    if (length && status != 204) writer.content_length(*length);
    if (chunked_) writer.chunked();
    writer.date(server_->http_date());
    if (!keep_) {
        writer.header("connection", "close");
    } else if (old_client) {
        writer.header("connection", "keep-alive");
    }
    return writer.finish();
}

// Writes everything, starting at once; a client that accepts no byte for too long is disconnected.
Task<Result<void>> Connection::send(std::span<const std::string_view> pieces) {
    std::size_t offset = 0;
    while (true) {
        while (!pieces.empty() && offset >= pieces.front().size()) {
            offset -= pieces.front().size();
            pieces = pieces.subspan(1);
        }
        if (pieces.empty()) co_return Result<void>{};
        const auto n = stream_->try_write(pieces, offset);
        if (n == net::Stream::kFailed) co_return client_went();
        if (n >= 0) {
            offset += static_cast<std::size_t>(n);
            continue;
        }
        write_deadline_.arm_in(server_->limits.write_progress);
        const auto ready = co_await stream_->writable();
        write_deadline_.disarm();
        if (!ready) co_return client_went();
    }
}

Task<Result<void>> Connection::respond(int status, const http::HeaderList& headers, std::string_view body) {
    if (answer_ != Answer::none) co_return fail(Code::internal, "an exchange was answered twice");
    if (has_no_body(status)) body = {};
    out_.clear();
    if (auto encoded = encode_head(status, headers, body.size()); !encoded) co_return encoded;
    answer_ = Answer::finished;
    if (head().method == "HEAD") body = {};
    const std::array<std::string_view, 2> pieces{out_, body};
    const auto n = stream_->try_write(pieces, 0);
    if (n == net::Stream::kFailed) co_return client_went();
    const auto done = static_cast<std::size_t>(std::max<std::ptrdiff_t>(n, 0));
    if (done == out_.size() + body.size()) co_return Result<void>{};
    const std::string_view head_rest = std::string_view(out_).substr(std::min(done, out_.size()));
    const std::array<std::string_view, 2> rest{
        head_rest, body.substr(std::min(done - std::min(done, out_.size()), body.size()))};
    co_return co_await send(rest);
}

Task<Result<void>> Connection::respond_error(const Error& error) {
    const int status =
        error.http_status >= 400 && error.http_status < 600 ? error.http_status : http_status(error.code);
    std::string body;
    server_->error_writer(error, status, body);
    http::HeaderList headers;
    headers.append("content-type", "application/json");
    if (error.retry_after_ms)
        headers.append("retry-after", fmt::format("{}", (*error.retry_after_ms + 999) / 1000));
    co_return co_await respond(status, headers, body);
}

Result<void> Connection::start(int status, const http::HeaderList& headers) {
    if (answer_ != Answer::none) return fail(Code::internal, "an exchange was answered twice");
    out_.clear();
    out_sent_ = 0;
    if (auto encoded = encode_head(status, headers, std::nullopt); !encoded) return encoded;
    answer_ = Answer::streaming;
    flush_.schedule();
    return {};
}

Result<void> Connection::upgrade(const http::HeaderList& headers) {
    if (answer_ != Answer::none) return fail(Code::internal, "an exchange was answered twice");
    out_.clear();
    out_sent_ = 0;
    http::HeadWriter writer(out_);
    writer.status(101);
    for (const auto header : headers) writer.header(header.name, header.value);
    if (auto encoded = writer.finish(); !encoded) return encoded;
    answer_ = Answer::streaming;
    upgraded_ = body_whole_ = true;
    early_ = !unread_.empty();  // bytes that arrived with the head are received first
    keep_ = chunked_ = false;
    deadline_.disarm();
    flush_.schedule();
    return {};
}

Task<std::string_view> Connection::receive(nanoseconds idle) {
    if (!upgraded_ || client_gone_) co_return std::string_view();
    if (std::exchange(early_, false)) co_return unread_;
    phase_ = Phase::body;
    const auto got = co_await receive(idle, Mono::max());
    phase_ = Phase::handler;
    if (got != Got::bytes) co_return std::string_view();
    co_return unread_;
}

// The request has been processed: a stream that stays open for minutes holds neither read block nor body.
void Connection::forget_body() {
    if (!body_whole_) return;
    body_error_ = Error{.code = Code::internal, .message = "the body was released when the response began"};
    body_view_ = {};
    std::string().swap(body_);
    if (unread_.empty()) block_.reset();
}

void Connection::append_chunk(std::span<const std::string_view> pieces) {
    std::size_t size = 0;
    for (const auto piece : pieces) size += piece.size();
    if (size == 0 || head().method == "HEAD") return;
    if (chunked_) http::append_chunk_header(out_, size);
    for (const auto piece : pieces) out_ += piece;
    if (chunked_) out_ += http::kChunkEnd;
    flush_.schedule();
}

Task<Result<void>> Connection::write(std::span<const std::string_view> pieces) {
    if (client_gone_ || stream_->cancelled()) co_return client_went();
    if (answer_ != Answer::streaming)
        co_return fail(Code::internal, "bytes written outside a streamed response");
    append_chunk(pieces);
    if (unsent() > server_->limits.write_buffer) {
        flush();
        if (unsent() > server_->limits.write_buffer)
            co_await wait_until_below(server_->limits.write_buffer / 2);
        if (client_gone_ || stream_->cancelled()) co_return client_went();
    }
    co_return Result<void>{};
}

Task<Result<void>> Connection::write(std::string_view one) {
    co_return co_await write(std::span(&one, 1));
}

Task<Result<void>> Connection::finish() {
    if (client_gone_ || stream_->cancelled()) co_return client_went();
    if (answer_ != Answer::streaming) co_return fail(Code::internal, "finish() without a streamed response");
    if (chunked_ && head().method != "HEAD") out_ += http::kLastChunk;
    flush_.cancel();
    flush();
    if (unsent() > 0) co_await wait_until_below(1);
    if (client_gone_ || stream_->cancelled()) co_return client_went();
    answer_ = Answer::finished;
    co_return Result<void>{};
}

Task<void> Connection::break_off() {
    if (answer_ != Answer::streaming || client_gone_ || stream_->cancelled()) co_return;
    keep_ = false;
    flush_.cancel();
    flush();
    if (unsent() > 0) co_await wait_until_below(1);
    answer_ = Answer::finished;
}

void Connection::abort() {
    aborted_ = true;
    keep_ = false;
    flush_.cancel();
    stream_->reset();
}

void Connection::flush() {
    if (draining_ || unsent() == 0) return;
    const std::string_view rest = std::string_view(out_).substr(out_sent_);
    const auto n = stream_->try_write({&rest, 1}, 0);
    if (n == net::Stream::kFailed) {
        [[maybe_unused]] const auto said = client_went();
        out_.clear();
        out_sent_ = 0;
        return;
    }
    if (n > 0) out_sent_ += static_cast<std::size_t>(n);
    if (unsent() == 0) {
        out_.clear();
        out_sent_ = 0;
        if (out_.capacity() > server_->limits.write_buffer) out_.shrink_to_fit();
        return;
    }
    draining_ = true;
    spawn(drain());
}

// Runs while bytes wait for the socket; the handler may add more, up to the limit.
Task<void> Connection::drain() {
    while (unsent() > 0 && !stream_->cancelled()) {
        write_deadline_.arm_in(server_->limits.write_progress);
        const auto ready = co_await stream_->writable();
        if (!ready) break;
        const std::string_view rest = std::string_view(out_).substr(out_sent_);
        const auto n = stream_->try_write({&rest, 1}, 0);
        if (n == net::Stream::kFailed) break;
        if (n > 0) out_sent_ += static_cast<std::size_t>(n);
        if (out_sent_ > server_->limits.write_buffer) {
            out_.erase(0, out_sent_);
            out_sent_ = 0;
        }
        if (room_ != nullptr && unsent() < room_below_ && unsent() > 0)
            std::exchange(room_, nullptr)->set(true);
    }
    write_deadline_.disarm();
    if (unsent() > 0) [[maybe_unused]]
        const auto said = client_went();
    out_.clear();
    out_sent_ = 0;
    draining_ = false;
    if (room_ != nullptr) std::exchange(room_, nullptr)->set(true);  // may destroy the connection
}

Task<void> Connection::wait_until_below(std::size_t bytes) {
    if (!draining_) co_return;
    Promised<bool> room;
    room_ = &room;
    room_below_ = bytes;
    co_await room;
}

}  // namespace hearth::server
