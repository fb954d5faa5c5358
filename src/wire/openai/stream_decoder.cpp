#include "wire/openai/stream_decoder.h"

namespace hearth::wire::openai {

void StreamDecoder::feed(std::string_view bytes, std::vector<exchange::Event>& out) {
    if (over()) return;
    decoder_.feed(bytes);
    text::SseEvent event;
    for (;;) {
        const auto more = decoder_.next(event);
        if (!more) {
            facts_.failure = more.error();
            return;
        }
        if (!*more) return;
        const auto kind = reader_.read(event, facts_, &out);
        if (kind == ChunkReader::Kind::failed || kind == ChunkReader::Kind::done) return;
    }
}

void StreamDecoder::finish(std::vector<exchange::Event>& out) {
    if (!over() && !decoder_.unfinished().empty()) {
        const AnswerFacts before = facts_;
        const std::size_t had = out.size();
        decoder_.feed("\n\n");
        text::SseEvent event;
        const auto more = decoder_.next(event);
        const bool read = more && *more && reader_.read(event, facts_, &out) == ChunkReader::Kind::failed;
        if (read && facts_.failure->upstream_body.empty()) {  // the cut ran through this event
            facts_ = before;
            out.resize(had);
        }
    }
    judge_end(facts_, choices_);
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    if (facts_.usage || facts_.timings) {
        out.emplace_back(exchange::UsageEvent{facts_.usage.value_or(exchange::Usage{}), facts_.timings});
    }
    out.emplace_back(exchange::Done{});
}

}  // namespace hearth::wire::openai
