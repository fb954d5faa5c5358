#pragma once
// Inside this folder: pieces that whole answers and streams have in common on the way out.
#include <string>
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/json_writer.h"

namespace hearth::wire::gemini {

void write_text_part(json::Writer& w, std::string_view text);
// `origin` is the provider that answers: its signature is sealed under that name. Empty opaque: no signature.
void write_thought_part(json::Writer& w, std::string_view text, std::string_view opaque,
                        std::string_view origin);
// Arguments that are no JSON object (cut, or a free-form tool's) become {"input": text}.
void write_call_part(json::Writer& w, const exchange::ToolCall& call, std::string_view origin);
void write_media_part(json::Writer& w, const exchange::MediaDelta& media);
// Members of a candidate; nothing where there is nothing to say.
void write_citations(json::Writer& w, const std::vector<exchange::Citation>& citations);
void write_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens);
void write_usage(json::Writer& w, const exchange::Usage& usage);  // a member; nothing when no count is known
[[nodiscard]] std::string_view finish_word(exchange::FinishReason reason);

}  // namespace hearth::wire::gemini
