#include "pipeline/early_head.h"

#include "pipeline/journey.h"

namespace hearth::pipeline {

namespace {
// The bytes are the codec's own and few: write() takes them at once.
Task<void> write(server::Exchange& exchange, std::string_view bytes) {
    [[maybe_unused]] const auto written = co_await exchange.write(bytes);
}
}  // namespace

EarlyHead::EarlyHead(Journey& journey)
    : journey_(journey), deadline_(journey.services.loop, [this] { speak(); }) {}

void EarlyHead::arm() {
    const auto after = journey_.services.config.server.keep_alive_after;
    if (journey_.request.stream && after.count() > 0) deadline_.arm_in(after);
}

void EarlyHead::stop() {
    deadline_.disarm();
}

void EarlyHead::speak() {
    if (journey_.exchange.gone().stopped()) return;
    if (!sent_) {
        sent_ = true;
        auto headers = stream_headers(journey_, "pending");
        [[maybe_unused]] const auto started = journey_.exchange.start(200, headers);
    }
    spawn(write(journey_.exchange, journey_.client->keep_alive()));
    deadline_.arm_in(journey_.services.config.server.keep_alive_after);
}

}  // namespace hearth::pipeline
