#include "wire/gemini/answer.h"

#include "text/json_writer.h"
#include "wire/floats.h"
#include "wire/gemini/answer_parts.h"
#include "wire/gemini/chunk_reader.h"
#include "wire/gemini/error.h"
#include "wire/gemini/fields.h"
#include "wire/gemini/path.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Answer;
using exchange::Kind;
using json::Value;
using json::Writer;

void write_candidate(Writer& w, const exchange::Choice& choice, std::size_t index, std::string_view origin) {
    w.begin_object().key("content").begin_object().key("parts").begin_array();
    for (const auto& block : choice.reasoning) write_thought_part(w, block.text, block.opaque.data, origin);
    if (!choice.text.empty()) write_text_part(w, choice.text);
    if (!choice.refusal.empty()) write_text_part(w, choice.refusal);
    for (const auto& media : choice.media) write_media_part(w, media);
    for (const auto& call : choice.tool_calls) write_call_part(w, call, origin);
    w.end_array().member("role", "model").end_object();
    if (choice.finish) w.member("finishReason", finish_word(*choice.finish));
    w.member("index", index);
    write_citations(w, choice.citations);
    write_logprobs(w, choice.logprobs);
    w.end_object();
}

void write_vector(Writer& w, const exchange::EmbeddingVector& vector) {
    w.begin_object().key("values").begin_array();
    for (const float value : vector.values) w.real(static_cast<double>(value));
    w.end_array().end_object();
}

void write_embeddings(Writer& w, const Answer& answer, std::string_view endpoint) {
    w.begin_object();
    if (endpoint == kBatchEmbed) {
        std::vector<const exchange::EmbeddingVector*> sorted;
        for (const auto& one : answer.embeddings) sorted.push_back(&one);
        std::ranges::stable_sort(sorted, {}, [](const auto* one) { return one->index; });
        w.key("embeddings").begin_array();
        for (const auto* one : sorted) write_vector(w, *one);
        w.end_array();
    } else {
        w.key("embedding");
        write_vector(w, answer.embeddings.empty() ? exchange::EmbeddingVector{} : answer.embeddings.front());
    }
    write_usage(w, answer.usage);
    w.end_object();
}

Result<exchange::EmbeddingVector> read_vector(Value one, std::size_t index) {
    auto values = read_floats(field(one, "values"), "The upstream's embedding has no array of values.");
    if (!values) return fail(std::move(values.error()));
    return exchange::EmbeddingVector{static_cast<std::int32_t>(index), std::move(*values)};
}

Result<Answer> decode_embeddings(Value root) {
    Answer answer;
    const Value one = field(root, "embedding"), several = field(root, "embeddings");
    if (!one.is_object() && !several.is_array())
        return fail(Code::upstream_failed, "The upstream's answer has no embeddings.");
    if (one.is_object()) {
        auto vector = read_vector(one, 0);
        if (!vector) return fail(std::move(vector.error()));
        answer.embeddings.push_back(std::move(*vector));
    }
    for (const Value element : several.elements()) {
        auto vector = read_vector(element, answer.embeddings.size());
        if (!vector) return fail(std::move(vector.error()));
        answer.embeddings.push_back(std::move(*vector));
    }
    AnswerFacts facts;
    read_usage(field(root, "usageMetadata"), facts);
    answer.usage = facts.usage.value_or(exchange::Usage{});
    answer.done = true;
    return answer;
}

Result<Answer> decode_count(Value root) {
    const auto total = field(root, "totalTokens").as_int();
    if (!total || *total < 0)
        return fail(Code::upstream_failed, "The upstream's answer has no count of tokens.");
    Answer answer;
    answer.usage.input = *total;
    answer.usage.cached_input = field(root, "cachedContentTokenCount").as_int();
    answer.done = true;
    return answer;
}

Result<Answer> decode_chat(Value root, std::string_view body) {
    AnswerFacts facts;
    ChunkReader reader(true);
    ChunkReader::Events events;
    if (!reader.read_root(root, body, facts, events)) return fail(std::move(*facts.failure));
    if (facts.choices.none()) return fail(Code::upstream_failed, "The upstream's answer has no candidates.");
    reader.finish(facts, events);
    Answer answer;
    for (auto& event : events) exchange::fold(answer, std::move(event));
    answer.choices.resize(std::max<std::size_t>(answer.choices.size(), 1));
    answer.usage = facts.usage.value_or(exchange::Usage{});
    answer.done = true;
    return answer;
}

}  // namespace

std::string encode_answer(const AnswerContext& context, const Answer& answer) {
    std::string out;
    Writer w(out);
    if (context.request->kind == Kind::embedding) {
        write_embeddings(w, answer, context.endpoint);
        return out;
    }
    w.begin_object();
    if (context.request->kind == Kind::count) {
        w.member("totalTokens", answer.usage.input.value_or(0)).end_object();
        return out;
    }
    w.key("candidates").begin_array();
    for (std::size_t i = 0; i < answer.choices.size(); ++i) {
        write_candidate(w, answer.choices[i], i, context.origin);
    }
    w.end_array();
    write_usage(w, answer.usage);
    w.member("modelVersion", context.model).member("responseId", context.id).end_object();
    return out;
}

Result<Answer> decode_answer(Kind kind, std::string_view body, json::Document& scratch) {
    const auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    if (auto error = find_error(*root)) return fail(std::move(*error));
    if (kind == Kind::embedding) return decode_embeddings(*root);
    if (kind == Kind::count) return decode_count(*root);
    return decode_chat(*root, body);
}

}  // namespace hearth::wire::gemini
