#include "wire/responses/stream_decoder.h"

#include <fmt/format.h>

#include "wire/openai/chunk_reader.h"
#include "wire/responses/event_writer.h"
#include "wire/responses/response_object.h"

namespace hearth::wire::responses {

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
        if (!*more || !reader_.read(event, facts_, out)) return;
    }
}

void StreamDecoder::finish(std::vector<exchange::Event>& out) {
    if (!over() && !decoder_.unfinished().empty()) {
        const AnswerFacts before = facts_;
        const std::size_t had = out.size();
        decoder_.feed("\n\n");
        text::SseEvent event;
        const auto more = decoder_.next(event);
        if (more && *more) (void)reader_.read(event, facts_, out);
        if (facts_.failure && facts_.failure->upstream_body.empty()) {  // the cut ran through this event
            facts_ = before;
            out.resize(had);
        }
    }
    if (!facts_.failure && !facts_.done) {
        set_failure(facts_, Code::upstream_broken,
                    facts_.events == 0
                        ? "The upstream's stream ended without an answer."
                        : fmt::format("The upstream's stream was cut after event {}, before its last one.",
                                      facts_.events));
    }
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    if (facts_.usage) out.emplace_back(exchange::UsageEvent{*facts_.usage, {}});
    out.emplace_back(exchange::Done{});
}

std::string StreamDecoder::failed_event(const Error& error) const {
    std::string out;
    const Failure failure = failure_of(error);
    std::int64_t sequence = reader_.sequence();
    const auto& started = reader_.started();
    EventWriter event(sequence, "response.failed", out);
    auto& w = event.json().key("response").begin_object();
    w.member("id", started.id).member("object", "response").member("created_at", started.created_s);
    w.member("status", "failed").key("error").begin_object().member("code", failure.code);
    w.member("message", failure.message).end_object();
    w.key("incomplete_details").null().member("model", started.model).key("output").begin_array().end_array();
    w.key("usage").null().end_object();
    return out;
}

}  // namespace hearth::wire::responses
