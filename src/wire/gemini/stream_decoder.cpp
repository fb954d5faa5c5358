#include "wire/gemini/stream_decoder.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace hearth::wire::gemini {

bool StreamDecoder::take(std::string_view data, std::vector<exchange::Event>& out) {
    if (reader_.read(data, facts_, out) != ChunkReader::Read::chunk) return false;
    facts_.done = facts_.all_finished(choices_);
    return true;
}

void StreamDecoder::feed(std::string_view bytes, std::vector<exchange::Event>& out) {
    if (over()) return;
    if (framing_ == Framing::unknown) {
        const auto first = bytes.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) return;
        bytes.remove_prefix(first);
        framing_ = bytes[0] == '[' || bytes[0] == '{' ? Framing::array : Framing::sse;
    }
    framing_ == Framing::sse ? feed_events(bytes, out) : feed_array(bytes, out);
}

void StreamDecoder::feed_events(std::string_view bytes, std::vector<exchange::Event>& out) {
    events_.feed(bytes);
    text::SseEvent event;
    for (;;) {
        const auto more = events_.next(event);
        if (!more) {
            facts_.failure = more.error();
            return;
        }
        if (!*more || !take(event.data, out)) return;
    }
}

void StreamDecoder::feed_array(std::string_view bytes, std::vector<exchange::Event>& out) {
    for (const char c : bytes) {
        if (depth_ == 0 && c != '{') {
            if (c == '[' || c == ']' || c == ',' || static_cast<unsigned char>(c) <= ' ') continue;
            set_failure(facts_, Code::upstream_broken,
                        fmt::format("What follows event {} of the upstream's stream is not a JSON object.",
                                    facts_.events));
            return;
        }
        element_ += c;
        if (in_string_) {
            in_string_ = c != '"' || escaped_;
            escaped_ = c == '\\' && !escaped_;
        } else if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            ++depth_;
        } else if ((c == '}' || c == ']') && --depth_ == 0) {
            const bool ok = take(element_, out);
            element_.clear();
            if (!ok) return;
        }
        if (element_.size() > limits::kSseEventBytes) {
            set_failure(
                facts_, Code::upstream_broken,
                fmt::format("The upstream sent an event of more than {} bytes.", limits::kSseEventBytes));
            return;
        }
    }
}

void StreamDecoder::finish(std::vector<exchange::Event>& out) {
    if (!over() && framing_ == Framing::sse && !events_.unfinished().empty()) {
        const AnswerFacts before = facts_;
        events_.feed("\n\n");
        text::SseEvent event;
        const auto more = events_.next(event);
        if (more && *more && reader_.read(event.data, facts_, out) == ChunkReader::Read::no_json) {
            facts_ = before;  // the cut ran through this event
        }
    }
    judge_end(facts_, choices_);
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    facts_.done = true;
    reader_.finish(facts_, out);
    if (facts_.usage) out.emplace_back(exchange::UsageEvent{*facts_.usage, {}});
    out.emplace_back(exchange::Done{});
}

}  // namespace hearth::wire::gemini
