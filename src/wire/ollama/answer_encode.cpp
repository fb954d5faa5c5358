// Answers, written.
#include <charconv>
#include <cmath>

#include "base/time.h"
#include "text/json_writer.h"
#include "wire/ollama/answer.h"
#include "wire/ollama/calls.h"
#include "wire/ollama/request.h"
#include "wire/openai/answer_parts.h"

namespace hearth::wire::ollama {

namespace {

using exchange::FinishReason;
using json::Writer;

void append_calls(std::string& out, const std::vector<exchange::ToolCall>& calls) {
    json::Document scratch;
    Writer w(out);
    w.begin_array();
    std::int64_t index = 0;
    for (const auto& call : calls) {
        w.begin_object();
        if (!call.id.empty()) w.member("id", call.id);
        w.key("function").begin_object().member("index", index++).member("name", call.name).key("arguments");
        write_arguments(w, call.arguments, scratch);
        w.end_object().end_object();
    }
    w.end_array();
}

std::int64_t ns_of(double ms) {
    constexpr double kMost = 9e18;
    return static_cast<std::int64_t>(std::clamp(std::round(ms * 1e6), 0.0, kMost));
}

void append_member(std::string& out, std::string_view name, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    out += ",\"";
    out += name;
    out += "\":";
    out.append(digits, end);
}

std::string_view done_word(const exchange::Request& request, FinishReason reason) {
    if (is_load(request)) return is_unload(request) ? "unload" : "load";
    return reason == FinishReason::length ? "length" : "stop";
}

void write_vector(Writer& w, const std::vector<float>& values) {
    w.begin_array();
    char digits[48];
    for (const float value : values) {  // as a float: a double's shortest text would be twice as long
        if (!std::isfinite(value)) {
            w.null();
            continue;
        }
        const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
        w.raw({digits, static_cast<std::size_t>(end - digits)});
    }
    w.end_array();
}

std::string encode_embeddings(const AnswerContext& context, const exchange::Answer& answer) {
    std::string out;
    Writer w(out);
    w.begin_object();
    if (context.endpoint == "embeddings") {
        w.key("embedding");
        answer.embeddings.empty() ? w.begin_array().end_array()
                                  : (write_vector(w, answer.embeddings.front().values), w);
        w.end_object();
        return out;
    }
    w.member("model", context.model).key("embeddings").begin_array();
    for (const auto& one : answer.embeddings) write_vector(w, one.values);
    w.end_array();
    if (answer.timings)
        w.member("total_duration", ns_of(answer.timings->prompt_ms + answer.timings->predicted_ms));
    w.member("load_duration", 0);
    if (answer.usage.input) w.member("prompt_eval_count", *answer.usage.input);
    w.end_object();
    return out;
}

}  // namespace

std::string answer_head(const AnswerContext& context) {
    auto stamp = to_rfc3339(Wall(seconds(context.created_s)));
    stamp.insert(stamp.size() - 1, "000000");  // Go's clients read any precision, others count the digits
    std::string out;
    Writer w(out);
    w.begin_object().member("model", context.model).member("created_at", stamp);
    return out;
}

bool is_generation(const AnswerContext& context) {
    return context.endpoint == "generate" || context.request->kind == exchange::Kind::completion;
}

void append_piece(std::string& out, std::string_view head, bool generation, const Piece& piece) {
    out += head;
    out += generation ? R"(,"response":)" : R"(,"message":{"role":"assistant","content":)";
    json::append_string(out, piece.text);
    if (!piece.thinking.empty()) {
        out += ",\"thinking\":";
        json::append_string(out, piece.thinking);
    }
    if (piece.calls != nullptr && !piece.calls->empty()) {
        out += ",\"tool_calls\":";
        append_calls(out, *piece.calls);
    }
    if (!generation) out += '}';
    if (piece.logprobs != nullptr && !piece.logprobs->empty()) {
        out += ",\"logprobs\":";
        Writer w(out);
        openai::write_token_logprobs(w, *piece.logprobs);
    }
}

void append_end(std::string& out, const exchange::Request& request, FinishReason reason,
                const exchange::Usage& usage, const std::optional<exchange::Timings>& timings) {
    out += R"(,"done":true,"done_reason":")";
    out += done_word(request, reason);
    out += '"';
    if (is_load(request)) return;
    auto input = usage.input, output = usage.output;
    if (timings) {
        if (!input) input = timings->cache_n + timings->prompt_n;
        if (!output) output = timings->predicted_n;
        append_member(out, "total_duration", ns_of(timings->prompt_ms + timings->predicted_ms));
        append_member(out, "load_duration", 0);
    }
    if (input) append_member(out, "prompt_eval_count", *input);
    if (timings) append_member(out, "prompt_eval_duration", ns_of(timings->prompt_ms));
    if (output) append_member(out, "eval_count", *output);
    if (timings) append_member(out, "eval_duration", ns_of(timings->predicted_ms));
}

std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer) {
    if (context.request->kind == exchange::Kind::embedding) return encode_embeddings(context, answer);
    static const exchange::Choice kNone;
    const auto& choice = answer.choices.empty() ? kNone : answer.choices.front();
    const std::string thinking = choice.reasoning_text();
    std::string out;
    append_piece(out, answer_head(context), is_generation(context),
                 {.text = choice.text.empty() ? std::string_view(choice.refusal) : choice.text,
                  .thinking = thinking,
                  .calls = &choice.tool_calls,
                  .logprobs = &choice.logprobs});
    append_end(out, *context.request, choice.finish.value_or(FinishReason::stop), answer.usage,
               answer.timings);
    out += '}';
    return out;
}

}  // namespace hearth::wire::ollama
