#include "ledger/json.h"

#include "text/json_writer.h"

namespace hearth::ledger {

namespace {

using text::json::Writer;

void text_or_null(Writer& w, std::string_view name, std::string_view text) {
    w.key(name);
    text.empty() ? w.null() : w.string(text);
}

void number_or_null(Writer& w, std::string_view name, const std::optional<std::int64_t>& value) {
    w.key(name);
    value ? w.integer(*value) : w.null();
}

double to_ms(microseconds duration) {
    return static_cast<double>(duration.count()) / 1000.0;
}

void ms_or_null(Writer& w, std::string_view name, const std::optional<microseconds>& duration) {
    w.key(name);
    duration ? w.real(to_ms(*duration)) : w.null();
}

void append_route(Writer& w, const Route& to) {
    w.member("model", to.model).member("provider", to.provider).member("place", place_name(to.place));
    text_or_null(w, "region", to.region);
    text_or_null(w, "reason", to.reason);
}

void append_bill(Writer& w, const exchange::Usage& usage, const std::optional<NanoUsd>& cost) {
    number_or_null(w, "input_tokens", usage.input);
    number_or_null(w, "output_tokens", usage.output);
    number_or_null(w, "cached_input_tokens", usage.cached_input);
    number_or_null(w, "cache_write_tokens", usage.cache_write_input);
    number_or_null(w, "reasoning_tokens", usage.reasoning_output);
    number_or_null(w, "cost_nano_usd", cost);
}

void append_warnings(Writer& w, const std::vector<std::string>& warnings) {
    w.key("warnings").begin_array();
    for (const auto& warning : warnings) w.string(warning);
    w.end_array();
}

void append_attempts(Writer& w, const std::vector<Attempt>& attempts) {
    w.key("attempts").begin_array();
    for (const auto& attempt : attempts) {
        w.begin_object();
        append_route(w, attempt.to);
        w.member("time", to_rfc3339(attempt.started)).member("duration_ms", to_ms(attempt.duration));
        w.member("error", code_name(attempt.code));
        number_or_null(
            w, "http_status",
            attempt.http_status > 0 ? std::optional<std::int64_t>(attempt.http_status) : std::nullopt);
        append_bill(w, attempt.usage, attempt.cost);
        append_warnings(w, attempt.warnings);
        w.end_object();
    }
    w.end_array();
}

void append_settlement(Writer& w, const Entry& entry) {
    const auto& s = entry.settlement;
    w.member("status", status_name(s.status));
    number_or_null(w, "http_status",
                   s.http_status > 0 && s.status != Status::running
                       ? std::optional<std::int64_t>(s.http_status)
                       : std::nullopt);
    text_or_null(w, "error", s.error);
    text_or_null(w, "finish", s.finish);
    text_or_null(w, "served_model", s.served_model);
    append_bill(w, entry.total_usage(), entry.total_cost());
    w.key("last_attempt").begin_object();
    append_bill(w, s.usage, s.cost);
    w.end_object();
    append_warnings(w, s.warnings);
    w.key("timings").begin_object();
    ms_or_null(w, "queue_ms", s.queue);
    ms_or_null(w, "first_token_ms", s.first_token);
    ms_or_null(w, "total_ms", s.total);
    w.end_object();
}

}  // namespace

void append_json(std::string& out, const Entry& entry) {
    Writer w(out);
    const auto& intent = entry.intent;
    w.begin_object().member("id", entry.id).member("time", to_rfc3339(intent.time));
    w.member("request_id", intent.request_id);
    text_or_null(w, "client", intent.client);
    text_or_null(w, "key", intent.key);
    text_or_null(w, "project", intent.project);
    w.member("dialect", intent.dialect).member("kind", intent.kind).member("stream", intent.stream);
    text_or_null(w, "requested_model", intent.requested_model);
    append_route(w, intent.to);
    number_or_null(w, "estimated_input_tokens", intent.estimated_input_tokens);
    append_settlement(w, entry);
    append_attempts(w, entry.attempts);
    w.end_object();
}

std::string entries_json(std::span<const Entry> entries) {
    std::string out = "{\"entries\":[";
    for (const auto& entry : entries) {
        if (out.back() == '}') out.push_back(',');
        append_json(out, entry);
    }
    out += "]}";
    return out;
}

}  // namespace hearth::ledger
