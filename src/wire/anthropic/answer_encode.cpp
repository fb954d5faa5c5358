// Whole answers, written.
#include <fmt/format.h>

#include "wire/anthropic/answer.h"
#include "wire/anthropic/schema.h"
#include "wire/anthropic/words.h"
#include "wire/opaque.h"

namespace hearth::wire::anthropic {

namespace {

using json::Writer;

void write_thought(Writer& w, const AnswerContext& context, const exchange::Reasoning& block) {
    if (block.text.empty()) {
        if (block.opaque.data.empty()) return;
        w.begin_object().member("type", "redacted_thinking");
        w.member("data", seal(context.origin, block.opaque.data)).end_object();
        return;
    }
    const bool withheld = withholds_thinking(context);
    w.begin_object().member("type", "thinking");
    w.member("thinking", withheld ? std::string_view{} : std::string_view(block.text));
    w.member("signature",
             sealed_signature(context.origin, block.opaque.data, withheld ? block.text : std::string{}));
    w.end_object();
}

void write_text(Writer& w, const AnswerContext& context, std::string_view text,
                const std::vector<exchange::Citation>& citations) {
    if (text.empty()) return;
    w.begin_object().member("type", "text").member("text", text);
    if (!citations.empty()) {
        w.key("citations").begin_array();
        for (const auto& citation : citations) write_citation(w, context.origin, citation);
        w.end_array();
    }
    w.end_object();
}

void write_content(Writer& w, const AnswerContext& context, const exchange::Choice& choice) {
    for (const auto& block : choice.reasoning) write_thought(w, context, block);
    write_text(w, context, choice.text, choice.citations);
    write_text(w, context, choice.refusal, {});
    std::int64_t number = 0;
    for (const auto& call : choice.tool_calls) {
        if (!call.opaque.data.empty()) {
            w.begin_object().member("type", "redacted_thinking");
            w.member("data", seal(context.origin, std::string(kOfCall) + call.opaque.data)).end_object();
        }
        w.begin_object().member("type", "tool_use").member("id", call_id(context, call.id, number++));
        w.member("name", call.name).member_raw("input", input_as_answered(call.arguments)).end_object();
    }
}

}  // namespace

std::string sealed_signature(std::string_view origin, std::string_view opaque, std::string_view withheld) {
    if (!opaque.empty() || withheld.empty()) return seal(origin, opaque);
    return seal(origin, std::string(kWithheld).append(withheld));
}

bool withholds_thinking(const AnswerContext& context) {
    const auto* chat = std::get_if<exchange::Chat>(&context.request->body);
    return chat != nullptr && chat->thinking.show == "omitted";
}

// The kind of citation that has a URL. Its encrypted_index is the vendor's own state, so ours bears the seal.
void write_citation(Writer& w, std::string_view origin, const exchange::Citation& citation) {
    w.begin_object().member("type", "web_search_result_location").member("cited_text", citation.text);
    w.member("url", citation.url).key("title");
    citation.title.empty() ? w.null() : w.string(citation.title);
    w.member("encrypted_index", seal(origin, {})).end_object();
}

std::string call_id(const AnswerContext& context, std::string_view id, std::int64_t call) {
    return id.empty() ? fmt::format("toolu_{}{}", context.id, call) : tool_id(id);
}

std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer) {
    std::string out;
    Writer w(out);
    w.begin_object();
    if (context.request->kind == exchange::Kind::count) {
        w.member("input_tokens", answer.usage.input.value_or(0)).end_object();
        return out;
    }
    const exchange::Choice none;
    const auto& choice = answer.choices.empty() ? none : answer.choices.front();
    w.member("id", "msg_" + context.id).member("type", "message").member("role", "assistant");
    w.member("model", context.model).key("content").begin_array();
    write_content(w, context, choice);
    w.end_array();
    const StopFacts facts{!choice.stop_sequence.empty(), !choice.refusal.empty(), !choice.tool_calls.empty()};
    const auto word = stop_word(choice.finish.value_or(exchange::FinishReason::stop), facts);
    w.member("stop_reason", word).key("stop_sequence");
    word == "stop_sequence" ? w.string(choice.stop_sequence) : w.null();
    w.key("usage");
    write_usage(w, answer.usage, true);
    w.end_object();
    return out;
}

}  // namespace hearth::wire::anthropic
