// Whole answers, read.
#include "wire/openai/answer.h"

#include <bit>
#include <cstring>

#include "text/base64.h"
#include "wire/floats.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

namespace {

using exchange::Kind;
using json::Value;

Result<Value> root_of(std::string_view body, json::Document& scratch) {
    auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    if (!root->is_object()) return fail(Code::upstream_failed, "The upstream's answer is not a JSON object.");
    AnswerFacts facts;
    if (read_failure(*root, facts)) return fail(std::move(*facts.failure));
    const bool known = (*root)["choices"].size() > 0 || (*root)["data"].is_array();
    if (!known) return fail(Code::upstream_failed, "The upstream's answer has neither choices nor data.");
    return root;
}

Result<AnswerFacts> facts_of(Kind kind, Value root, ChunkReader::Events* out) {
    AnswerFacts facts;
    if (kind == Kind::embedding) {
        if (!root["data"].is_array())
            return fail(Code::upstream_failed, "The upstream's answer has no embeddings.");
        facts.content = root["data"].size() > 0;
        read_usage(root["usage"], facts);
        return facts;
    }
    ChunkReader reader;
    if (reader.read_root(root, facts, out) == ChunkReader::Kind::failed)
        return fail(std::move(*facts.failure));
    if (facts.choices.none()) return fail(Code::upstream_failed, "The upstream's answer has no choices.");
    facts.done = true;
    return facts;
}

Result<std::vector<float>> floats_of_base64(std::string_view text) {
    auto bytes = text::base64_decode(text);
    if (!bytes || bytes->size() % sizeof(float) != 0 || bytes->size() / sizeof(float) > kDimensions) {
        return fail(Code::upstream_failed, "The upstream's embedding is not base64 of float32 values.");
    }
    static_assert(std::endian::native == std::endian::little, "float32 is sent little-endian");
    std::vector<float> out(bytes->size() / sizeof(float));
    if (!out.empty()) std::memcpy(out.data(), bytes->data(), bytes->size());
    return out;
}

Result<std::vector<float>> floats_of(Value value) {
    if (value.is_string()) return floats_of_base64(value.as_string());
    return read_floats(value, "The upstream's embedding is neither an array nor base64.");
}

Result<exchange::Answer> decode_embeddings(Value root) {
    exchange::Answer answer;
    answer.model = root["model"].as_string();
    std::int32_t position = 0;
    for (const Value one : root["data"].elements()) {
        auto values = floats_of(one["embedding"]);
        if (!values) return fail(std::move(values.error()));
        const auto index = one["index"].as_int().value_or(position++);
        answer.embeddings.push_back({static_cast<std::int32_t>(index), std::move(*values)});
    }
    answer.done = true;
    return answer;
}

}  // namespace

Result<AnswerFacts> read_answer(Kind kind, std::string_view body, json::Document& scratch) {
    const auto root = root_of(body, scratch);
    if (!root) return fail(root.error());
    return facts_of(kind, *root, nullptr);
}

Result<exchange::Answer> decode_answer(Kind kind, std::string_view body, json::Document& scratch) {
    const auto root = root_of(body, scratch);
    if (!root) return fail(root.error());
    ChunkReader::Events events;
    const auto facts = facts_of(kind, *root, &events);
    if (!facts) return fail(facts.error());
    exchange::Answer answer;
    if (kind == Kind::embedding) {
        auto decoded = decode_embeddings(*root);
        if (!decoded) return decoded;
        answer = std::move(*decoded);
    }
    for (auto& event : events) exchange::fold(answer, std::move(event));
    answer.usage = facts->usage.value_or(exchange::Usage{});
    answer.timings = facts->timings;
    answer.done = true;
    return answer;
}

}  // namespace hearth::wire::openai
