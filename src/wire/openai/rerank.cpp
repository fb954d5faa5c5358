#include "wire/openai/rerank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "text/json_writer.h"
#include "wire/openai/chunk_reader.h"
#include "wire/openai/decode.h"

namespace hearth::wire::openai {

namespace {

using exchange::Request;
using exchange::Rerank;
using json::Value;

Rerank& rerank(Request& out) {
    return std::get<Rerank>(out.body);
}

bool read_documents(Reader& r, Value v, const Path& p, Request& out) {
    if (!v.is_array()) return r.wrong_type(v, "array of texts", p);
    if (v.size() == 0) return r.fail(p, "'documents' must not be empty.");
    if (v.size() > limits::kEmbeddingInputs) {
        return r.fail(p, fmt::format("'documents' has {} entries, but may have {}.", v.size(),
                                     limits::kEmbeddingInputs));
    }
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        const Path at = p.at(index++);
        auto& document = rerank(out).documents.emplace_back();
        if (one.is_string()) {
            document = one.as_string();
        } else if (!one.is_object()) {
            return r.wrong_type(one, "string or an object with 'text'", at);
        } else if (!one["text"].is_string()) {
            return one["text"] ? r.wrong_type(one["text"], "string", at.at("text"))
                               : r.missing(at.at("text"));
        } else {
            document = one["text"].as_string();
        }
    }
    return true;
}

constexpr Field kRerank[] = {
    {"documents", read_documents},
    {"query", [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, rerank(o).query); }},
    {"return_documents", [](Reader& r, Value v, const Path& p,
                            Request& o) { return r.boolean(v, p, rerank(o).return_documents); }},
    {"top_n",
     [](Reader& r, Value v, const Path& p, Request& o) {
         return r.integer(v, p, rerank(o).top_n, {1, std::numeric_limits<std::int32_t>::max()});
     }},
};
static_assert(std::ranges::is_sorted(kRerank, {}, &Field::name));

std::optional<std::int64_t> count(Value value) {
    const auto found = value.as_int();
    return found && *found >= 0 ? found : std::nullopt;
}

// usage of Jina, llama-server and Voyage; Cohere counts under `meta`.
exchange::Usage usage_of(Value root) {
    exchange::Usage usage;
    const Value own = root["usage"], cohere = root["meta"]["tokens"];
    usage.input = count(own["prompt_tokens"]);
    if (!usage.input) usage.input = count(own["total_tokens"]);
    if (!usage.input) usage.input = count(cohere["input_tokens"]);
    return usage;
}

// Best first; equals stay in the documents' order. What is said twice, or of no document, is left out.
std::vector<exchange::RerankScore> ranked(const exchange::Answer& answer, const Rerank& asked) {
    std::vector<exchange::RerankScore> out;
    std::vector<bool> seen(asked.documents.size());
    for (const auto& one : answer.scores) {
        const auto at = static_cast<std::size_t>(one.index);
        if (one.index < 0 || at >= seen.size() || seen[at]) continue;
        seen[at] = true;
        out.push_back(one);
    }
    std::ranges::sort(out, [](const auto& a, const auto& b) {
        return a.score != b.score ? a.score > b.score : a.index < b.index;
    });
    if (asked.top_n && static_cast<std::int64_t>(out.size()) > *asked.top_n)
        out.resize(static_cast<std::size_t>(*asked.top_n));
    return out;
}

}  // namespace

Result<Request> decode_rerank(const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = exchange::Kind::rerank;
    out.dialect = exchange::Dialect::openai;
    out.body = Rerank{};
    const Path top;
    bool ok = read_fields(reader, document.root(), kRerank, false, out);
    if (ok && !document.root()["query"].is_string()) ok = reader.missing(top.at("query"));
    if (ok && out.rerank().documents.empty()) ok = reader.missing(top.at("documents"));
    if (!ok) return fail(std::move(*reader.error));
    return out;
}

std::string encode_rerank(const Request& request, std::string_view model) {
    const auto& asked = request.rerank();
    std::string out;
    json::Writer w(out);
    w.begin_object().member("model", model.empty() ? std::string_view(request.model) : model);
    w.member("query", asked.query).key("documents").begin_array();
    for (const auto& document : asked.documents) w.string(document);
    w.end_array();
    if (asked.top_n) w.member("top_n", *asked.top_n);
    w.end_object();
    return out;
}

Result<exchange::Answer> decode_scores(std::string_view body, json::Document& scratch) {
    const auto root = scratch.parse(body);
    if (!root)
        return fail(Code::upstream_failed, "The upstream's answer is not JSON: " + root.error()->message);
    AnswerFacts facts;
    if (read_failure(*root, facts)) return fail(std::move(*facts.failure));
    const Value results = (*root)["results"], data = (*root)["data"];
    const Value list = root->is_array() ? *root : results.is_array() ? results : data;
    if (!list.is_array()) return fail(Code::upstream_failed, "The upstream's answer has no results.");
    exchange::Answer answer;
    answer.model = (*root)["model"].as_string();
    for (const Value one : list.elements()) {
        const auto index = one["index"].as_int();
        auto score = one["relevance_score"].as_double();
        if (!score) score = one["score"].as_double();
        if (!index || !score || *index < 0 || *index > std::numeric_limits<std::int32_t>::max())
            return fail(Code::upstream_failed, "The upstream's answer has a result without index or score.");
        answer.scores.push_back({static_cast<std::int32_t>(*index), *score});
    }
    answer.usage = usage_of(*root);
    answer.done = true;
    return answer;
}

std::string encode_scores(const AnswerContext& context, const exchange::Answer& answer) {
    const auto& asked = context.request->rerank();
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", "rerank-" + context.id).member("object", "list");
    w.member("model", context.model).key("results").begin_array();
    for (const auto& [index, score] : ranked(answer, asked)) {
        w.begin_object().member("index", index).member("relevance_score", score);
        if (asked.return_documents) {
            w.key("document").begin_object();
            w.member("text", asked.documents[static_cast<std::size_t>(index)]).end_object();
        }
        w.end_object();
    }
    w.end_array();
    if (answer.usage.input) {
        w.key("usage").begin_object().member("prompt_tokens", *answer.usage.input);
        w.member("total_tokens", *answer.usage.input).end_object();
    }
    w.end_object();
    return out;
}

}  // namespace hearth::wire::openai
