#include "wire/openai/answer_parts.h"

#include "text/utf8.h"

namespace hearth::wire::openai {

namespace {

// A token that is no whole UTF-8 becomes U+FFFD in strings; `bytes` tells it truly.
std::string as_text(std::string_view bytes) {
    std::string out;
    text::Utf8Completer completer;
    completer.feed(bytes, out);
    completer.flush(out);
    return out;
}

double finite(double logprob) {
    return logprob >= -9999.0 ? logprob : -9999.0;  // what OpenAI writes for "out of the question"
}

void write_token(json::Writer& w, std::string_view token, double logprob) {
    w.member("token", token).member("logprob", finite(logprob)).key("bytes").begin_array();
    for (const char byte : token) w.integer(static_cast<unsigned char>(byte));
    w.end_array();
}

double per_second(std::int64_t count, double ms) {
    return ms > 0 ? 1000.0 * static_cast<double>(count) / ms : 0;
}

double per_token(std::int64_t count, double ms) {
    return count > 0 ? ms / static_cast<double>(count) : 0;
}

}  // namespace

bool knows_anything(const exchange::Usage& usage) {
    return usage.input || usage.output;
}

void write_usage(json::Writer& w, const exchange::Usage& usage) {
    if (!knows_anything(usage)) return;
    w.key("usage").begin_object();
    if (usage.input) w.member("prompt_tokens", *usage.input);
    if (usage.output) w.member("completion_tokens", *usage.output);
    if (usage.input) w.member("total_tokens", *usage.input + usage.output.value_or(0));
    if (usage.cached_input || usage.cache_write_input) {
        w.key("prompt_tokens_details").begin_object();
        if (usage.cached_input) w.member("cached_tokens", *usage.cached_input);
        if (usage.cache_write_input) w.member("cache_write_tokens", *usage.cache_write_input);
        w.end_object();
    }
    if (usage.reasoning_output) {
        w.key("completion_tokens_details").begin_object();
        w.member("reasoning_tokens", *usage.reasoning_output).end_object();
    }
    w.end_object();
}

void write_annotations(json::Writer& w, const std::vector<exchange::Citation>& citations) {
    w.begin_array();
    for (const auto& one : citations) {
        if (one.url.empty()) continue;
        w.begin_object().member("type", "url_citation").key("url_citation").begin_object();
        w.member("start_index", std::max<std::int64_t>(one.start, 0));
        w.member("end_index", std::max<std::int64_t>(one.end, 0));
        w.member("url", one.url).member("title", one.title).end_object().end_object();
    }
    w.end_array();
}

void write_timings(json::Writer& w, const exchange::Timings& t) {
    w.key("timings").begin_object();
    w.member("cache_n", t.cache_n).member("prompt_n", t.prompt_n).member("prompt_ms", t.prompt_ms);
    w.member("prompt_per_token_ms", per_token(t.prompt_n, t.prompt_ms));
    w.member("prompt_per_second", per_second(t.prompt_n, t.prompt_ms));
    w.member("predicted_n", t.predicted_n).member("predicted_ms", t.predicted_ms);
    w.member("predicted_per_token_ms", per_token(t.predicted_n, t.predicted_ms));
    w.member("predicted_per_second", per_second(t.predicted_n, t.predicted_ms));
    w.end_object();
}

void write_token_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens) {
    w.begin_array();
    for (const auto& one : tokens) {
        w.begin_object();
        write_token(w, one.token, one.logprob);
        w.key("top_logprobs").begin_array();
        for (const auto& [token, logprob] : one.top) {
            w.begin_object();
            write_token(w, token, logprob);
            w.end_object();
        }
        w.end_array().end_object();
    }
    w.end_array();
}

void write_chat_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens) {
    w.begin_object().key("content");
    write_token_logprobs(w, tokens);
    w.key("refusal").null().end_object();
}

void write_completion_logprobs(json::Writer& w, const std::vector<exchange::TokenLogprob>& tokens) {
    w.begin_object().key("tokens").begin_array();
    for (const auto& one : tokens) w.string(one.token);
    w.end_array().key("token_logprobs").begin_array();
    for (const auto& one : tokens) w.real(finite(one.logprob));
    w.end_array().key("top_logprobs").begin_array();
    for (const auto& one : tokens) {
        w.begin_object();
        std::vector<std::string> seen;  // two broken tokens may read the same: keys must differ
        for (const auto& [token, logprob] : one.top) {
            auto name = as_text(token);
            if (std::ranges::find(seen, name) != seen.end()) continue;
            w.member(name, finite(logprob));
            seen.push_back(std::move(name));
        }
        w.end_object();
    }
    w.end_array().key("text_offset").begin_array();
    std::int64_t offset = 0;
    for (const auto& one : tokens) {
        w.integer(offset);
        offset += static_cast<std::int64_t>(one.token.size());
    }
    w.end_array().end_object();
}

}  // namespace hearth::wire::openai
