#pragma once
// Inside this folder: pieces that whole answers and streams have in common on the way out.
#include <string_view>
#include <vector>

#include "exchange/event.h"
#include "text/json_writer.h"

namespace hearth::wire::openai {

void write_usage(json::Writer& w, const exchange::Usage& usage);  // a member; nothing when no count is known
void write_timings(json::Writer& w, const exchange::Timings& timings);  // a member
// A value: chat's {"content":[…],"refusal":null}.
void write_chat_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens);
// The list alone, which Ollama and llama-server have too.
void write_token_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens);
// A value: completions' parallel lists.
void write_completion_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens);
// A value: [{"type":"url_citation","url_citation":{…}}]. Citations without an address have no form here.
void write_annotations(json::Writer& w, const std::vector<exchange::Citation>& citations);
[[nodiscard]] bool knows_anything(const exchange::Usage& usage);

}  // namespace hearth::wire::openai
