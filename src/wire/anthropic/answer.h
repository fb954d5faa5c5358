#pragma once
// Whole answers of the Messages API, and what they share with streams.
#include <string>
#include <string_view>

#include "text/json_writer.h"
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

// {"type":"message",…}, or {"input_tokens":N} for a count. Other events than text, thinking, calls and citations have no
// place in this dialect. Opaque state goes out sealed with the provider that answers (opaque.h).
[[nodiscard]] std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer);

// Fails with Code::upstream_failed when the body is no message (or no count).
[[nodiscard]] Result<exchange::Answer> decode_answer(exchange::Kind kind, std::string_view body,
                                                     json::Document& scratch);

// What a client keeps of a block of thinking, sealed. `withheld` is text that the client asked not to be shown
// (thinking.display "omitted"): it goes along where the provider gave nothing of its own, as Anthropic's signatures do.
[[nodiscard]] std::string sealed_signature(std::string_view origin, std::string_view opaque,
                                           std::string_view withheld);
[[nodiscard]] bool withholds_thinking(const AnswerContext& context);

void write_citation(json::Writer& w, std::string_view origin, const exchange::Citation& citation);
// The id of a call for the client: the upstream's in Anthropic's alphabet, or one of ours when it gave none.
[[nodiscard]] std::string call_id(const AnswerContext& context, std::string_view id, std::int64_t call);

}  // namespace hearth::wire::anthropic
