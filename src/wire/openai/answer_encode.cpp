// Whole answers, written.
#include <bit>
#include <charconv>

#include "text/base64.h"
#include "text/json_writer.h"
#include "wire/openai/answer.h"
#include "wire/openai/answer_parts.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

namespace {

using exchange::Kind;
using json::Writer;

void write_call(Writer& w, const exchange::ToolCall& call) {
    w.begin_object().member("id", call.id).member("type", call.custom ? "custom" : "function");
    w.key(call.custom ? "custom" : "function").begin_object().member("name", call.name);
    w.member(call.custom ? "input" : "arguments", call.arguments).end_object().end_object();
}

void write_message(Writer& w, const exchange::Choice& choice, const AnswerOptions& options) {
    w.key("message").begin_object().member("role", "assistant").key("content");
    const bool silent = choice.text.empty() && (!choice.tool_calls.empty() || !choice.refusal.empty());
    silent ? w.null() : w.string(choice.text);
    if (!choice.reasoning.empty()) w.member("reasoning_content", choice.reasoning_text());
    w.key("refusal");
    choice.refusal.empty() ? w.null() : w.string(choice.refusal);
    if (!choice.citations.empty()) write_annotations(w.key("annotations"), choice.citations);
    if (options.legacy_functions && !choice.tool_calls.empty()) {
        const auto& call = choice.tool_calls.front();
        w.key("function_call").begin_object().member("name", call.name).member("arguments", call.arguments);
        w.end_object();
    } else if (!choice.tool_calls.empty()) {
        w.key("tool_calls").begin_array();
        for (const auto& call : choice.tool_calls) write_call(w, call);
        w.end_array();
    }
    w.end_object();
}

void write_finish(Writer& w, const exchange::Choice& choice, const AnswerOptions& options) {
    w.key("finish_reason");
    if (!choice.finish) {
        w.null();
    } else if (options.legacy_functions && *choice.finish == exchange::FinishReason::tool_calls) {
        w.string("function_call");
    } else {
        w.string(finish_word(*choice.finish));
    }
}

void write_choice(Writer& w, Kind kind, std::size_t index, const exchange::Choice& choice,
                  const AnswerOptions& options) {
    w.begin_object().member("index", index);
    if (kind == Kind::chat) {
        write_message(w, choice, options);
    } else {
        w.member("text", choice.text);
    }
    w.key("logprobs");
    if (!options.logprobs) {
        w.null();
    } else if (kind == Kind::chat) {
        write_chat_logprobs(w, choice.logprobs);
    } else {
        write_completion_logprobs(w, choice.logprobs);
    }
    write_finish(w, choice, options);
    w.end_object();
}

void write_vector(Writer& w, const std::vector<float>& values, bool base64) {
    if (base64) {
        static_assert(std::endian::native == std::endian::little, "float32 is sent little-endian");
        const std::string_view bytes(reinterpret_cast<const char*>(values.data()),
                                     values.size() * sizeof(float));
        w.string(text::base64_encode(bytes));
        return;
    }
    w.begin_array();
    char digits[48];
    for (const float value : values) {  // as a float: a double's shortest text would be twice as long
        if (!(value - value == 0.0F)) {
            w.null();
            continue;
        }
        const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
        w.raw({digits, static_cast<std::size_t>(end - digits)});
    }
    w.end_array();
}

std::string encode_embeddings(const exchange::Answer& answer, const AnswerOptions& options) {
    std::string out;
    Writer w(out);
    w.begin_object().member("object", "list").key("data").begin_array();
    for (const auto& one : answer.embeddings) {
        w.begin_object().member("object", "embedding").member("index", one.index).key("embedding");
        write_vector(w, one.values, options.base64);
        w.end_object();
    }
    w.end_array().member("model", options.name ? options.name->model : answer.model);
    if (answer.usage.input) {
        w.key("usage").begin_object().member("prompt_tokens", *answer.usage.input);
        w.member("total_tokens", *answer.usage.input).end_object();
    }
    w.end_object();
    return out;
}

}  // namespace

std::string encode_answer(Kind kind, const exchange::Answer& answer, const AnswerOptions& options) {
    if (kind == Kind::embedding) return encode_embeddings(answer, options);
    std::string out;
    Writer w(out);
    const auto name = options.name.value_or(exchange::Started{answer.id, answer.model, answer.created_s});
    w.begin_object().member("id", name.id);
    w.member("object", kind == Kind::chat ? "chat.completion" : "text_completion");
    w.member("created", name.created_s).member("model", name.model).key("choices").begin_array();
    for (std::size_t i = 0; i < answer.choices.size(); ++i)
        write_choice(w, kind, i, answer.choices[i], options);
    w.end_array();
    write_usage(w, answer.usage);
    if (answer.timings) write_timings(w, *answer.timings);
    w.end_object();
    return out;
}

}  // namespace hearth::wire::openai
