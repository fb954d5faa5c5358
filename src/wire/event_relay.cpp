#include "wire/event_relay.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace hearth::wire {

namespace {
constexpr std::size_t kPrologueBytes = 1024 * 1024;
constexpr std::size_t kEventBytes = 32 * 1024 * 1024;  // an image in one event is large
}  // namespace

EventRelay::EventRelay(std::unique_ptr<StreamDecoder> decoder, Framing framing, const Options& options,
                       ErrorEvent error_event)
    : decoder_(std::move(decoder)),
      framing_(framing),
      options_(options),
      error_event_(std::move(error_event)) {}

// Behind the event that begins at `from`, or npos while it is not whole. A blank line ends an event of SSE: LF LF, CR LF
// CR LF and CR CR alike.
std::size_t EventRelay::event_end(std::string_view bytes, std::size_t from) const {
    if (framing_ == Framing::ndjson) {
        const auto end = bytes.find('\n', from);
        return end == std::string_view::npos ? end : end + 1;
    }
    for (auto at = bytes.find_first_of("\r\n", from); at < bytes.size();
         at = bytes.find_first_of("\r\n", at + 1)) {
        auto next = at + 1;
        if (bytes[at] == '\r' && next == bytes.size()) return std::string_view::npos;  // its LF may follow
        if (bytes[at] == '\r' && bytes[next] == '\n') ++next;
        if (next == bytes.size()) return std::string_view::npos;
        if (bytes[next] == '\n') return next + 1;
        if (bytes[next] == '\r') {
            if (next + 1 == bytes.size()) return std::string_view::npos;
            return next + (bytes[next + 1] == '\n' ? 2 : 1);
        }
        at = next - 1;
    }
    return std::string_view::npos;
}

void EventRelay::take(std::string_view event) {
    events_.clear();
    if (!decoder_->over()) decoder_->feed(event, events_);
    facts_ = decoder_->facts();
    if (facts_.failure) return;
    complete_ = complete_ || facts_.done;
    if (complete_) {
        held_ += event;
        return;
    }
    if (!promised_ && !facts_.content && options_.hold_prologue) {
        held_ += event;
        if (held_.size() > kPrologueBytes) {
            set_failure(
                facts_, Code::upstream_broken,
                fmt::format("The upstream sent more than {} bytes without any content.", kPrologueBytes));
        }
        return;
    }
    if (!promised_) {
        promised_ = true;
        out_ += held_;
        held_.clear();
    }
    out_ += event;
}

std::span<const std::string_view> EventRelay::feed(std::string_view bytes) {
    out_.clear();
    if (facts_.failure) return {};
    partial_ += bytes;
    std::size_t at = 0;
    for (auto end = event_end(partial_, searched_); end != std::string::npos && !facts_.failure;
         end = event_end(partial_, at)) {
        take(std::string_view(partial_).substr(at, end - at));
        searched_ = at = end;
    }
    partial_.erase(0, at);
    // A line end of up to four bytes may have been cut: they are looked at again, the rest of a long event is not.
    searched_ = partial_.size() < 4 ? 0 : partial_.size() - 4;
    if (partial_.size() > kEventBytes && !facts_.failure) {
        set_failure(facts_, Code::upstream_broken,
                    fmt::format("The upstream sent an event of more than {} bytes.", kEventBytes));
    }
    if (out_.empty()) return {};
    piece_ = out_;
    return {&piece_, 1};
}

std::string_view EventRelay::finish() {
    out_.clear();
    if (!facts_.failure && !partial_.empty()) take(std::exchange(partial_, {}));
    if (!facts_.failure) {
        events_.clear();
        decoder_->finish(events_);
        facts_ = decoder_->facts();
    }
    if (facts_.failure) return fail(std::move(*facts_.failure));
    out_ += held_;
    held_.clear();
    return out_;
}

std::string_view EventRelay::fail(Error error) {
    out_.clear();
    if (promised_) out_ = error_event_(error);
    facts_.failure = std::move(error);
    return out_;
}

}  // namespace hearth::wire
