#include "client/connection.h"

namespace hearth::client {

namespace {
constexpr std::size_t kKeptDecoders = 128;
constexpr std::size_t kKeptHeadBytes = 8 * 1024;
}  // namespace

std::unique_ptr<Connection> Pool::take(Bucket& bucket) {
    while (!bucket.idle.empty()) {
        auto connection = std::move(bucket.idle.back());
        bucket.idle.pop_back();
        --idle_;
        connection->stream->watch_peer_gone(nullptr);
        // Neither a close nor unsolicited bytes may have arrived; no system call: the loop would have reported them.
        char byte = 0;
        if (connection->stream->peer_gone()) continue;
        if (connection->stream->try_read({&byte, 1}) != net::Stream::kWouldBlock) continue;
        return connection;
    }
    return nullptr;
}

void Pool::give(std::unique_ptr<Connection> connection) {
    auto& idle = connection->bucket.idle;
    if (idle.size() >= options_.idle_per_destination || idle_ >= options_.idle_total) return;
    if (connection->stream->peer_gone()) return;
    auto* raw = connection.get();
    raw->out.clear();
    if (raw->out.capacity() > kKeptHeadBytes) raw->out.shrink_to_fit();
    raw->pieces.clear();
    raw->on_deadline = [this, raw] { drop(raw); };
    raw->deadline.arm_in(options_.idle_timeout);
    raw->stream->watch_peer_gone([this, raw] { drop(raw); });
    idle.push_back(std::move(connection));
    ++idle_;
}

void Pool::drop(Connection* connection) {
    auto& idle = connection->bucket.idle;
    const auto at =
        std::find_if(idle.begin(), idle.end(), [&](const auto& c) { return c.get() == connection; });
    if (at == idle.end()) return;
    const auto gone = std::move(*at);
    idle.erase(at);
    --idle_;
}

void Pool::clear() {
    for (auto& [key, bucket] : buckets_) {
        idle_ -= bucket.idle.size();
        bucket.idle.clear();
    }
}

std::unique_ptr<http::ResponseDecoder> Pool::take_decoder() {
    if (decoders_.empty()) {
        http::Limits limits;
        limits.body_bytes = SIZE_MAX;  // the caller limits what it keeps
        return std::make_unique<http::ResponseDecoder>(limits);
    }
    auto decoder = std::move(decoders_.back());
    decoders_.pop_back();
    return decoder;
}

void Pool::give_decoder(std::unique_ptr<http::ResponseDecoder> decoder) {
    if (decoders_.size() < kKeptDecoders) decoders_.push_back(std::move(decoder));
}

}  // namespace hearth::client
