#pragma once
// The fields of events and of the messages themselves; see describe.h.
#include "engine/protocol/describe.h"

namespace hearth::engine::detail {

template <>
struct EnumNames<Code> {
    static constexpr std::array names{
        "invalid_request",  "unauthenticated", "forbidden",         "not_found",        "method_not_allowed",
        "timeout_client",   "conflict",        "too_large",         "head_too_large",   "unsupported",
        "context_exceeded", "rate_limited",    "loop_detected",     "unavailable",      "overloaded",
        "upstream_connect", "upstream_failed", "upstream_rejected", "upstream_timeout", "upstream_broken",
        "answer_rejected",  "cancelled",       "corrupt",           "storage",          "config",
        "internal"};
};
template <>
struct EnumNames<FinishReason> {
    static constexpr std::array names{"stop", "length", "tool_calls", "content_filter", "error", "pause"};
};
template <>
struct EnumNames<Priority> {
    static constexpr std::array names{"interactive", "normal", "background"};
};
template <>
struct EnumNames<Confinement> {
    static constexpr std::array names{"none", "partial", "kernel"};
};
template <>
struct VariantNames<Event> {
    static constexpr std::array names{"started",  "text",  "reasoning", "refusal", "tool_call",
                                      "citation", "media", "logprobs",  "finish",  "vector",
                                      "score",    "usage", "error",     "done"};
};
template <>
struct VariantNames<ToWorker> {
    static constexpr std::array names{"load", "submit", "cancel", "count", "stats", "shutdown", "text_query"};
};
template <>
struct VariantNames<ToGateway> {
    static constexpr std::array names{"load_progress", "ready", "load_failed", "events",
                                      "counted",       "stats", "text_answer"};
};

// ---- base/error.h, exchange/event.h
template <>
struct Describe<Error> {
    static constexpr void fields(auto& a) {
        a.field("code", &Error::code);
        a.field("message", &Error::message);
        a.field("param", &Error::param);
        a.field("retry_after_ms", &Error::retry_after_ms);
        a.field("needed", &Error::needed);
        a.field("limit", &Error::limit);
        a.field("http_status", &Error::http_status);
        a.field("upstream_body", &Error::upstream_body);
    }
};
template <>
struct Describe<Usage> {
    static constexpr void fields(auto& a) {
        a.field("input", &Usage::input);
        a.field("output", &Usage::output);
        a.field("cached_input", &Usage::cached_input);
        a.field("cache_write_input", &Usage::cache_write_input);
        a.field("reasoning_output", &Usage::reasoning_output);
    }
};
template <>
struct Describe<Timings> {
    static constexpr void fields(auto& a) {
        a.field("cache_n", &Timings::cache_n);
        a.field("prompt_n", &Timings::prompt_n);
        a.field("predicted_n", &Timings::predicted_n);
        a.field("prompt_ms", &Timings::prompt_ms);
        a.field("predicted_ms", &Timings::predicted_ms);
    }
};
template <>
struct Describe<Started> {
    static constexpr void fields(auto& a) {
        a.field("id", &Started::id);
        a.field("model", &Started::model);
        a.field("created_s", &Started::created_s);
    }
};
template <>
struct Describe<TextDelta> {
    static constexpr void fields(auto& a) {
        a.field("choice", &TextDelta::choice);
        a.field("text", &TextDelta::text);
    }
};
template <>
struct Describe<ReasoningDelta> {
    static constexpr void fields(auto& a) {
        a.field("choice", &ReasoningDelta::choice);
        a.field("text", &ReasoningDelta::text);
        a.field("opaque", &ReasoningDelta::opaque);
    }
};
template <>
struct Describe<RefusalDelta> {
    static constexpr void fields(auto& a) {
        a.field("choice", &RefusalDelta::choice);
        a.field("text", &RefusalDelta::text);
    }
};
template <>
struct Describe<ToolCallDelta> {
    static constexpr void fields(auto& a) {
        a.field("choice", &ToolCallDelta::choice);
        a.field("call", &ToolCallDelta::call);
        a.field("id", &ToolCallDelta::id);
        a.field("name", &ToolCallDelta::name);
        a.field("arguments", &ToolCallDelta::arguments);
        a.field("custom", &ToolCallDelta::custom);
        a.field("opaque", &ToolCallDelta::opaque);
    }
};
template <>
struct Describe<Citation> {
    static constexpr void fields(auto& a) {
        a.field("choice", &Citation::choice);
        a.field("url", &Citation::url);
        a.field("title", &Citation::title);
        a.field("text", &Citation::text);
        a.field("start", &Citation::start);
        a.field("end", &Citation::end);
    }
};
template <>
struct Describe<MediaDelta> {
    static constexpr void fields(auto& a) {
        a.field("choice", &MediaDelta::choice);
        a.field("media_type", &MediaDelta::media_type);
        a.field("data", &MediaDelta::data);
    }
};
template <>
struct Describe<RerankScore> {
    static constexpr void fields(auto& a) {
        a.field("index", &RerankScore::index);
        a.field("score", &RerankScore::score);
    }
};
template <>
struct Describe<TokenLogprob> {
    static constexpr void fields(auto& a) {
        a.field("token", &TokenLogprob::token);
        a.field("logprob", &TokenLogprob::logprob);
        a.field("top", &TokenLogprob::top);
    }
};
template <>
struct Describe<LogprobsDelta> {
    static constexpr void fields(auto& a) {
        a.field("choice", &LogprobsDelta::choice);
        a.field("tokens", &LogprobsDelta::tokens);
    }
};
template <>
struct Describe<Finish> {
    static constexpr void fields(auto& a) {
        a.field("choice", &Finish::choice);
        a.field("reason", &Finish::reason);
        a.field("stop_sequence", &Finish::stop_sequence);
    }
};
template <>
struct Describe<EmbeddingVector> {
    static constexpr void fields(auto& a) {
        a.field("index", &EmbeddingVector::index);
        a.field("values", &EmbeddingVector::values);
    }
};
template <>
struct Describe<UsageEvent> {
    static constexpr void fields(auto& a) {
        a.field("usage", &UsageEvent::usage);
        a.field("timings", &UsageEvent::timings);
    }
};
template <>
struct Describe<Done> {
    static constexpr void fields(auto&) {}
};

// ---- protocol/message.h
template <>
struct Describe<Load> {
    static constexpr void fields(auto& a) {
        a.field("model_path", &Load::model_path);
        a.field("context_tokens", &Load::context_tokens);
        a.field("sequences", &Load::sequences);
        a.field("threads", &Load::threads);
        a.field("batch_tokens", &Load::batch_tokens);
        a.field("micro_batch_tokens", &Load::micro_batch_tokens);
        a.field("gpu_layers", &Load::gpu_layers);
        a.field("embedding", &Load::embedding);
        a.field("confine", &Load::confine);
        a.field("chat_template", &Load::chat_template);
    }
};
template <>
struct Describe<Submit> {
    static constexpr void fields(auto& a) {
        a.field("id", &Submit::id);
        a.field("request", &Submit::request);
        a.field("priority", &Submit::priority);
        a.field("affinity", &Submit::affinity);
    }
};
template <>
struct Describe<Cancel> {
    static constexpr void fields(auto& a) { a.field("id", &Cancel::id); }
};
template <>
struct Describe<Count> {
    static constexpr void fields(auto& a) {
        a.field("id", &Count::id);
        a.field("request", &Count::request);
    }
};
template <>
struct EnumNames<TextQuery::What> {
    static constexpr std::array names{"tokenize", "detokenize", "apply_template"};
};
template <>
struct Describe<TextQuery> {
    static constexpr void fields(auto& a) {
        a.field("id", &TextQuery::id);
        a.field("what", &TextQuery::what);
        a.field("text", &TextQuery::text, kTextQueryBytes);
        a.field("tokens", &TextQuery::tokens, kTextQueryTokens);
        a.field("request", &TextQuery::request);
        a.field("add_special", &TextQuery::add_special);
        a.field("parse_special", &TextQuery::parse_special);
        a.field("with_pieces", &TextQuery::with_pieces);
    }
};
template <>
struct Describe<StatsQuery> {
    static constexpr void fields(auto&) {}
};
template <>
struct Describe<Shutdown> {
    static constexpr void fields(auto& a) { a.field("drain", &Shutdown::drain); }
};
template <>
struct Describe<LoadProgress> {
    static constexpr void fields(auto& a) { a.field("fraction", &LoadProgress::fraction); }
};
template <>
struct Describe<ConfinementProbe> {
    static constexpr void fields(auto& a) {
        a.field("what", &ConfinementProbe::what);
        a.field("refused", &ConfinementProbe::refused);
        a.field("detail", &ConfinementProbe::detail);
    }
};
template <>
struct Describe<ConfinementReport> {
    static constexpr void fields(auto& a) {
        a.field("level", &ConfinementReport::level);
        a.field("seccomp", &ConfinementReport::seccomp);
        a.field("landlock", &ConfinementReport::landlock);
        a.field("network_namespace", &ConfinementReport::network_namespace);
        a.field("no_new_privs", &ConfinementReport::no_new_privs);
        a.field("landlock_abi", &ConfinementReport::landlock_abi);
        a.field("probes", &ConfinementReport::probes);
    }
};
template <>
struct Describe<ModelFacts> {
    static constexpr void fields(auto& a) {
        a.field("architecture", &ModelFacts::architecture);
        a.field("name", &ModelFacts::name);
        a.field("description", &ModelFacts::description);
        a.field("parameters", &ModelFacts::parameters);
        a.field("weight_bytes", &ModelFacts::weight_bytes);
        a.field("context_bytes", &ModelFacts::context_bytes);
        a.field("context_tokens", &ModelFacts::context_tokens);
        a.field("context_trained", &ModelFacts::context_trained);
        a.field("vocabulary", &ModelFacts::vocabulary);
        a.field("embedding_width", &ModelFacts::embedding_width);
        a.field("sequences", &ModelFacts::sequences);
        a.field("threads", &ModelFacts::threads);
        a.field("can_chat", &ModelFacts::can_chat);
        a.field("can_call_tools", &ModelFacts::can_call_tools);
        a.field("can_think", &ModelFacts::can_think);
        a.field("can_fill_middle", &ModelFacts::can_fill_middle);
        a.field("can_embed", &ModelFacts::can_embed);
        a.field("embeds_only", &ModelFacts::embeds_only);
        a.field("recurrent", &ModelFacts::recurrent);
    }
};
template <>
struct Describe<Ready> {
    static constexpr void fields(auto& a) {
        a.field("model", &Ready::model);
        a.field("confinement", &Ready::confinement);
        a.field("load_ms", &Ready::load_ms);
        a.field("process_id", &Ready::process_id);
    }
};
template <>
struct Describe<LoadFailed> {
    static constexpr void fields(auto& a) { a.field("error", &LoadFailed::error); }
};
template <>
struct Describe<RequestEvent> {
    static constexpr void fields(auto& a) {
        a.field("id", &RequestEvent::id);
        a.field("event", &RequestEvent::event);
    }
};
template <>
struct Describe<Events> {
    static constexpr void fields(auto& a) { a.field("events", &Events::events); }
};
template <>
struct Describe<Counted> {
    static constexpr void fields(auto& a) {
        a.field("id", &Counted::id);
        a.field("tokens", &Counted::tokens);
        a.field("error", &Counted::error);
    }
};
template <>
struct Describe<TextAnswer> {
    static constexpr void fields(auto& a) {
        a.field("id", &TextAnswer::id);
        a.field("text", &TextAnswer::text);
        a.field("tokens", &TextAnswer::tokens, kTextQueryTokens);
        a.field("pieces", &TextAnswer::pieces, kTextQueryTokens);
        a.field("error", &TextAnswer::error);
    }
};
template <>
struct Describe<Stats> {
    static constexpr void fields(auto& a) {
        a.field("waiting", &Stats::waiting);
        a.field("sequences", &Stats::sequences);
        a.field("busy_sequences", &Stats::busy_sequences);
        a.field("context_tokens", &Stats::context_tokens);
        a.field("used_tokens", &Stats::used_tokens);
        a.field("cached_tokens", &Stats::cached_tokens);
        a.field("steps", &Stats::steps);
        a.field("prompt_tokens", &Stats::prompt_tokens);
        a.field("reused_tokens", &Stats::reused_tokens);
        a.field("generated_tokens", &Stats::generated_tokens);
        a.field("prompt_ms", &Stats::prompt_ms);
        a.field("generate_ms", &Stats::generate_ms);
        a.field("resident_bytes", &Stats::resident_bytes);
    }
};

}  // namespace hearth::engine::detail
