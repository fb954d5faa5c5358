#include "client/response.h"

#include <fmt/format.h>

#include "http/encoder.h"

namespace hearth::client {

Exchange::Exchange(Client::Impl& client, std::unique_ptr<Connection> connection, const Timeouts& timeouts,
                   Mono started, const StopToken& stop)
    : client_(client),
      connection_(std::move(connection)),
      decoder_(client.pool.take_decoder()),
      timeouts_(timeouts),
      started_(started),
      peer_(connection_->stream->peer()),
      proxied_(connection_->proxied),
      stop_(stop) {
    ++connection_->bucket.active;
    ++client_.stats.active;
    connection_->on_deadline = [this] { on_deadline(); };
    on_stop_.emplace(stop_, [this] { break_off(stop_.reason()); });
}

Exchange::~Exchange() {
    on_stop_.reset();
    if (connection_ && in_body_ && !error_)
        gather();  // if the end has already arrived, the connection can be reused
    release();
    client_.pool.give_decoder(std::move(decoder_));
}

void Exchange::release() {
    if (!connection_) return;
    --connection_->bucket.active;
    --client_.stats.active;
    connection_->on_deadline = [] {};
    connection_->deadline.disarm();
    if (ended_ && keep_ && !error_ && unread_.empty() && decoder_->keep_alive()) {
        client_.pool.give(std::move(connection_));
    }
    connection_.reset();
}

Failed Exchange::failed(Error error) {
    if (!error_) error_ = std::move(error);
    release();
    return Failed(*error_);
}

void Exchange::break_off(const Error& why) {
    if (!connection_) return;
    if (waiting_) {
        connection_->stream->cancel(why);
        return;
    }
    error_ = why;
    release();
}

void Exchange::abort() {
    break_off(Error{.code = Code::cancelled, .message = "the exchange was abandoned"});
}

void Exchange::on_deadline() {
    // Only waits are timed: a slow consumer is not the upstream's fault.
    if (!waiting_) return;
    const bool total = client_.loop.now() >= started_ + timeouts_.total;
    const auto* what = total      ? "the whole response"
                       : in_body_ ? "the next bytes of the response"
                                  : "a response";
    const auto limit = total ? timeouts_.total : in_body_ ? timeouts_.idle : timeouts_.headers;
    connection_->stream->cancel(
        Error{.code = Code::upstream_timeout,
              .message = fmt::format("{} did not send {} within {} ms", peer_.to_string(), what,
                                     std::chrono::duration_cast<milliseconds>(limit).count())});
}

Result<void> Exchange::encode_head(const Remote& to, const Request& request, std::size_t length,
                                   const std::optional<net::Proxy>& proxy) {
    const bool ip6 = to.host.find(':') != std::string::npos;
    const bool default_port = to.port == (to.scheme == "https" ? 443 : 80);
    std::string host = ip6 ? "[" + to.host + "]" : to.host;
    if (!default_port) host.append(1, ':').append(fmt::format_int(to.port).str());
    const bool absolute = proxy && to.scheme == "http";

    auto& out = connection_->out;
    out.clear();
    http::HeadWriter writer(out);
    if (absolute) {
        writer.request(request.method, fmt::format("http://{}{}{}", host, to.base_path, request.target));
    } else if (to.base_path.empty()) {
        writer.request(request.method, request.target);
    } else {
        std::string target = to.base_path;
        target += request.target;
        writer.request(request.method, target);
    }
    writer.header("host", host);
    if (absolute && !proxy->authorization.empty()) writer.header("proxy-authorization", proxy->authorization);
    if (request.common) writer.lines(request.common->lines());
    write_fields(writer, request.headers);
    // RFC 9110 section 8.6: a method that anticipates content sends length 0 when there is none.
    if (length > 0 || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
        writer.content_length(length);
    return writer.finish();
}

Task<Result<void>> Exchange::roundtrip(const Remote& to, const Request& request,
                                       std::span<const std::string_view> body,
                                       const std::optional<net::Proxy>& proxy) {
    std::size_t length = 0;
    for (const auto piece : body) length += piece.size();
    if (auto encoded = encode_head(to, request, length, proxy); !encoded)
        co_return failed(std::move(encoded.error()));
    decoder_->start(request.method == "HEAD");
    phase_end_ = client_.loop.now() + timeouts_.headers;
    connection_->deadline.arm(std::min(phase_end_, started_ + timeouts_.total));

    auto& pieces = connection_->pieces;
    pieces.assign(1, connection_->out);
    pieces.insert(pieces.end(), body.begin(), body.end());
    waiting_ = true;
    auto sent = co_await connection_->stream->write_all(pieces);
    waiting_ = false;
    // An upstream that rejects a body may respond and close before it has read all of it: its response is used.
    if (!sent && connection_->stream->cancelled()) co_return failed(std::move(sent.error()));
    if (!sent) keep_ = false;

    while (true) {
        auto progress = decoder_->feed(unread_);
        if (!progress) co_return failed(std::move(progress.error()));
        unread_.remove_prefix(progress->consumed);
        if (progress->event == http::Event::head) break;
        auto filled = co_await fill();
        if (!filled) co_return failed(std::move(sent ? filled.error() : sent.error()));
    }
    in_body_ = true;
    head_time_ = client_.loop.now() - started_;
    co_return Result<void>{};
}

Task<Result<void>> Exchange::fill() {
    auto& stream = *connection_->stream;
    while (true) {
        if (!block_) block_ = client_.loop.take_block();
        const auto n = stream.try_read({block_.get(), net::Loop::kBlockBytes});
        if (n > 0) {
            unread_ = {block_.get(), static_cast<std::size_t>(n)};
            co_return Result<void>{};
        }
        if (n == net::Stream::kWouldBlock) {
            block_.reset();  // an idle stream holds no buffer
            if (in_body_)
                connection_->deadline.arm(
                    std::min(client_.loop.now() + timeouts_.idle, started_ + timeouts_.total));
            waiting_ = true;
            const auto ready = co_await stream.readable();
            waiting_ = false;
            if (!ready) co_return fail(ready.error());
            continue;
        }
        disconnected_ = true;
        if (n == net::Stream::kFailed) co_return fail(stream.error());
        if (in_body_) {
            auto end = decoder_->eof();
            if (!end) co_return fail(std::move(end.error()));
            ended_ = true;
            co_return Result<void>{};
        }
        co_return fail(Code::upstream_broken,
                       fmt::format("{} closed the connection without a response", peer_.to_string()));
    }
}

// All body bytes of what was read, moved together over the chunk framing between them: one view for one read.
Result<std::string_view> Exchange::gather() {
    char* begin = nullptr;
    std::size_t size = 0;
    while (!ended_) {
        auto progress = decoder_->feed(unread_);
        if (!progress) {
            error_ = std::move(*progress.error());
            break;
        }
        unread_.remove_prefix(progress->consumed);
        if (progress->event == http::Event::need_more) break;
        if (progress->event == http::Event::end) {
            ended_ = true;
            break;
        }
        char* piece = block_.get() + (progress->body.data() - block_.get());
        if (begin == nullptr) begin = piece;
        if (begin + size != piece) std::memmove(begin + size, piece, progress->body.size());
        size += progress->body.size();
    }
    return std::string_view(begin, size);
}

Task<Result<std::string_view>> Exchange::read() {
    while (true) {
        if (error_) co_return failed(*error_);
        auto bytes = gather();
        if (ended_ || error_) {
            // The bytes before an error are returned first; the view is in our block, so the connection may be closed.
            const bool broken = error_.has_value();
            release();
            if (broken && bytes->empty()) co_return Failed(*error_);
            co_return bytes;
        }
        if (!bytes->empty()) co_return bytes;
        auto filled = co_await fill();
        if (!filled) co_return failed(std::move(filled.error()));
    }
}

Task<Result<std::string>> Exchange::read_all(std::size_t limit) {
    std::string all;
    if (const auto length = decoder_->content_length())
        all.reserve(std::min<std::size_t>(*length, std::min<std::size_t>(limit, 1024 * 1024)));
    while (true) {
        auto bytes = co_await read();
        if (!bytes) co_return fail(std::move(bytes.error()));
        if (bytes->empty()) co_return all;
        if (all.size() + bytes->size() > limit) {
            auto error = Error{.code = Code::too_large,
                               .message = fmt::format("the response of {} is larger than {} bytes",
                                                      peer_.to_string(), limit)};
            error.limit = static_cast<std::int64_t>(limit);
            co_return failed(std::move(error));
        }
        all += *bytes;
    }
}

}  // namespace hearth::client
