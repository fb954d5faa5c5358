#include "wire/gemini/answer_parts.h"

#include <map>

#include "text/json.h"
#include "wire/gemini/signature.h"

namespace hearth::wire::gemini {

using json::Writer;

void write_text_part(Writer& w, std::string_view text) {
    w.begin_object().member("text", text).end_object();
}

void write_thought_part(Writer& w, std::string_view text, std::string_view opaque, std::string_view origin) {
    w.begin_object().member("text", text).member("thought", true);
    if (!opaque.empty()) w.member("thoughtSignature", seal_signature(origin, opaque));
    w.end_object();
}

void write_call_part(Writer& w, const exchange::ToolCall& call, std::string_view origin) {
    json::Document document;
    const auto root = document.parse(call.arguments);
    w.begin_object().key("functionCall").begin_object();
    if (!call.id.empty()) w.member("id", call.id);
    w.member("name", call.name).key("args");
    if (root && root->is_object()) {
        // Line ends between tokens would end the event's data; within a string they cannot stand.
        std::string args(root->raw());
        std::erase_if(args, [](char c) { return c == '\n' || c == '\r'; });
        w.raw(args);
    } else {
        w.begin_object();
        if (!call.arguments.empty()) w.member("input", call.arguments);
        w.end_object();
    }
    w.end_object();
    if (!call.opaque.data.empty()) w.member("thoughtSignature", seal_signature(origin, call.opaque.data));
    w.end_object();
}

void write_media_part(Writer& w, const exchange::MediaDelta& media) {
    w.begin_object().key("inlineData").begin_object();
    w.member("mimeType", media.media_type).member("data", media.data).end_object().end_object();
}

void write_citations(Writer& w, const std::vector<exchange::Citation>& citations) {
    if (citations.empty()) return;
    std::map<std::string_view, std::size_t> sources;
    w.key("groundingMetadata").begin_object().key("groundingChunks").begin_array();
    for (const auto& one : citations) {
        if (!sources.try_emplace(one.url, sources.size()).second) continue;
        w.begin_object().key("web").begin_object().member("uri", one.url).member("title", one.title);
        w.end_object().end_object();
    }
    w.end_array().key("groundingSupports").begin_array();
    for (const auto& one : citations) {
        if (one.text.empty()) continue;
        w.begin_object().key("segment").begin_object().member("text", one.text).end_object();
        w.key("groundingChunkIndices")
            .begin_array()
            .unsigned_integer(sources[one.url])
            .end_array()
            .end_object();
    }
    w.end_array().end_object();
}

void write_logprobs(Writer& w, const std::vector<exchange::TokenLogprob>& tokens) {
    if (tokens.empty()) return;
    const auto write = [&](std::string_view token, double logprob) {
        w.begin_object().member("token", token).member("logProbability", logprob).end_object();
    };
    w.key("logprobsResult").begin_object().key("topCandidates").begin_array();
    for (const auto& one : tokens) {
        w.begin_object().key("candidates").begin_array();
        for (const auto& [token, logprob] : one.top) write(token, logprob);
        w.end_array().end_object();
    }
    w.end_array().key("chosenCandidates").begin_array();
    for (const auto& one : tokens) write(one.token, one.logprob);
    w.end_array().end_object();
}

void write_usage(Writer& w, const exchange::Usage& usage) {
    if (!usage.input && !usage.output) return;
    const auto input = usage.input.value_or(0), output = usage.output.value_or(0);
    const auto thoughts = std::min(usage.reasoning_output.value_or(0), output);
    w.key("usageMetadata").begin_object();
    w.member("promptTokenCount", input).member("candidatesTokenCount", output - thoughts);
    w.member("totalTokenCount", input + output);
    if (usage.cached_input) w.member("cachedContentTokenCount", *usage.cached_input);
    if (usage.reasoning_output) w.member("thoughtsTokenCount", thoughts);
    w.end_object();
}

std::string_view finish_word(exchange::FinishReason reason) {
    using exchange::FinishReason;
    switch (reason) {
        case FinishReason::length:
            return "MAX_TOKENS";
        case FinishReason::content_filter:
            return "SAFETY";
        case FinishReason::error:
            return "OTHER";
        case FinishReason::stop:
        case FinishReason::tool_calls:
        case FinishReason::pause:
            break;
    }
    return "STOP";
}

}  // namespace hearth::wire::gemini
