#pragma once
// Passes a stream of chat.completion.chunk or text_completion events on to a client of the same dialect:
// whole events in their original bytes, while reading from them what the pipeline must know. The hottest code in
// the house: one walk of each event's JSON, no allocation once warm.
//
//     StreamRelay relay({.hide_usage = plan.hide_usage, .choices = request.n});
//     for each piece of the upstream's body:
//         for (auto bytes : relay.feed(piece)) write(bytes);
//         if (relay.over()) break;
//     auto end = relay.finish();           // also when the upstream's body ended or its connection broke
//     if (relay.facts().failure && !relay.promised()) -> next candidate, the client has seen nothing
//     else settle, write(end), close
//
// Held back until the first content event: everything (role-only chunks, comments), so that failover stays
// open. Held back until finish(): [DONE], so that the settlement is written before the client's last byte.
// Hidden: the usage-only chunk that the client did not ask for. After an error event, a cut or bytes that are
// no events: the client gets an error event and no [DONE].
//
// Reads leniently: LF, CRLF or CR, no space after the colon, comments, vendor fields, choices null or absent,
// usage in every chunk or inside x_groq, usage null, bytes that are not UTF-8 inside strings, no [DONE] after
// the finish reasons (it is added), a last event without its blank line.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/sse.h"
#include "wire/dialect.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

class StreamRelay final : public Relay {
  public:
    explicit StreamRelay(const Options& options) : options_(options) {}

    [[nodiscard]] std::span<const std::string_view> feed(std::string_view bytes) override;
    // [DONE] was seen, or facts().failure is set.
    [[nodiscard]] bool over() const override { return facts_.done || facts_.failure.has_value(); }
    [[nodiscard]] bool promised() const override { return promised_; }
    [[nodiscard]] const AnswerFacts& facts() const override { return facts_; }

    // The end of the upstream's body, clean or not: decides whether the answer is whole, else sets
    // facts().failure (Code::upstream_broken). What remains to be written: held events and [DONE], or an
    // error event if promised(), or nothing. Call it once. The view is valid until the relay dies.
    [[nodiscard]] std::string_view finish() override;
    // The same for a failure that the relay cannot see (stall, deadline): an error event if promised().
    [[nodiscard]] std::string_view fail(Error error) override;

  private:
    bool take(const text::SseEvent& event, std::string_view bytes);
    void hand_out(std::string_view raw, std::string_view bytes);
    void read_unfinished();

    Options options_;
    AnswerFacts facts_;
    text::SseDecoder decoder_;
    ChunkReader reader_;
    std::string prologue_;  // held back until the first content event
    std::string spare_;     // an event that was cut between two feeds: its bytes outlive the decoder's
    std::string tail_;      // what finish() answers
    std::vector<std::string_view> pieces_;
    bool promised_ = false;
};

}  // namespace hearth::wire::openai
