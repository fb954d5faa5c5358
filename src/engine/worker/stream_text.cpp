#include "engine/worker/stream_text.h"

#include <algorithm>

namespace hearth::engine {

namespace {

// Length of the longest suffix of `text` that is a proper prefix of `stop`.
std::size_t overlap(std::string_view text, std::string_view stop) {
    for (std::size_t length = std::min(text.size(), stop.size() - 1); length > 0; --length) {
        if (text.ends_with(stop.substr(0, length))) return length;
    }
    return 0;
}

}  // namespace

StreamText::StreamText(std::vector<std::string> stops) : stops_(std::move(stops)) {
    std::erase(stops_, std::string());
}

std::string StreamText::feed(std::string_view piece) {
    if (stopped_) return {};
    characters_.feed(piece, pending_);
    std::size_t first = std::string::npos, held = 0;
    for (const auto& stop : stops_) {
        first = std::min(first, pending_.find(stop));
        held = std::max(held, overlap(pending_, stop));
    }
    if (first == std::string::npos) return release(pending_.size() - held);
    stopped_ = true;
    auto shown = release(first);
    pending_.clear();
    return shown;
}

std::string StreamText::finish() {
    if (stopped_) return {};
    characters_.flush(pending_);
    return release(pending_.size());
}

std::string StreamText::release(std::size_t bytes) {
    std::string out = pending_.substr(0, bytes);
    pending_.erase(0, bytes);
    shown_ += bytes;
    return out;
}

}  // namespace hearth::engine
