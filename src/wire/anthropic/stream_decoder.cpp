#include "wire/anthropic/stream_decoder.h"

#include <fmt/format.h>

namespace hearth::wire::anthropic {

namespace {
constexpr std::size_t kKeepBytes = 16 * 1024;  // an event larger than this leaves no buffers behind
}

void StreamDecoder::take(const text::SseEvent& event, std::vector<exchange::Event>& out) {
    if (event.data.empty() || event.data == "[DONE]" || event.event == "ping") return;
    ++facts_.events;
    const auto root = document_.parse(event.data);
    if (root && root->is_object()) {
        reader_.read_event(*root, event.event, facts_, out);
    } else {
        set_failure(facts_, event.event == "error" ? Code::upstream_failed : Code::upstream_broken,
                    fmt::format("Event {} of the upstream's stream is not a JSON object.", facts_.events));
    }
    if (event.data.size() > kKeepBytes) document_.clear(0);
}

void StreamDecoder::feed(std::string_view bytes, std::vector<exchange::Event>& out) {
    if (over()) return;
    decoder_.feed(bytes);
    text::SseEvent event;
    while (!over()) {
        const auto more = decoder_.next(event);
        if (!more) {
            facts_.failure = more.error();
            return;
        }
        if (!*more) return;
        take(event, out);
    }
}

void StreamDecoder::finish(std::vector<exchange::Event>& out) {
    if (!over() && !decoder_.unfinished().empty()) {
        // The last event may lack nothing but its blank line; if the cut ran through it, it never was.
        const AnswerFacts before = facts_;
        const std::size_t had = out.size();
        feed("\n\n", out);
        if (facts_.failure && facts_.failure->upstream_body.empty()) {
            facts_ = before;
            out.resize(had);
        }
    }
    if (!facts_.failure && facts_.finish[0]) reader_.close_blocks(out);
    judge_end(facts_);
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    if (!facts_.finish[0]) {  // message_stop alone
        reader_.close_blocks(out);
        facts_.finish[0] = exchange::FinishReason::stop;
        out.emplace_back(exchange::Finish{});
    }
    if (facts_.usage) out.emplace_back(exchange::UsageEvent{*facts_.usage, {}});
    out.emplace_back(exchange::Done{});
}

}  // namespace hearth::wire::anthropic
