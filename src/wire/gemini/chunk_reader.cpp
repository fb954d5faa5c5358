#include "wire/gemini/chunk_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/utf8.h"
#include "wire/gemini/error.h"
#include "wire/gemini/fields.h"
#include "wire/gemini/request.h"
#include "wire/lenient.h"

namespace hearth::wire::gemini {

namespace {

using exchange::FinishReason;
using json::Value;

constexpr std::size_t kCitedText = 256 * 1024;
constexpr std::size_t kKeepBytes = 16 * 1024;  // a chunk larger than this leaves no buffers behind

}  // namespace

void judge_end(AnswerFacts& facts, std::int64_t expected_choices) {
    if (facts.failure) return;
    if (facts.choices.none()) {
        set_failure(facts, Code::upstream_broken, "The upstream's stream ended without an answer.");
    } else if (!facts.all_finished(expected_choices)) {
        set_failure(facts, Code::upstream_broken,
                    fmt::format("The upstream's stream was cut after event {}, before a finish reason.",
                                facts.events));
    }
}

ChunkReader::Read ChunkReader::read(std::string_view data, AnswerFacts& facts, Events& out) {
    data = trimmed(data);
    if (data.empty() || data == "[DONE]") return Read::chunk;
    ++facts.events;
    std::string repaired;
    const Value root = parse_event(document_, data, repaired);
    if (!root.is_object() && !root.is_array()) {
        set_failure(facts, Code::upstream_broken,
                    fmt::format("Event {} of the upstream's stream is not a JSON object.", facts.events));
        return Read::no_json;
    }
    const bool ok = read_root(root, data, facts, out);
    if (data.size() > kKeepBytes) document_.clear(0);
    return ok ? Read::chunk : Read::failed;
}

void ChunkReader::start(Value root, std::string_view text, Events& out) {
    if (started_) return;
    started_ = true;
    exchange::Started started;
    started.id = field(root, "responseId").as_string();
    started.model = field(root, "modelVersion").as_string();
    seed_ = started.id.empty() ? invented_id(text, 0) : started.id;
    out.emplace_back(std::move(started));
}

bool ChunkReader::read_root(Value root, std::string_view text, AnswerFacts& facts, Events& out) {
    if (auto error = find_error(root)) {
        facts.failure = std::move(*error);
        return false;
    }
    for (const Value one : root.elements()) {
        if (!read_root(one, text, facts, out)) return false;
    }
    if (root.is_array()) return true;
    if (field(root, "response").is_object()) root = field(root, "response");
    start(root, text, out);
    std::size_t position = 0;
    const Value candidates = field(root, "candidates");
    for (const Value one : candidates.elements()) {
        if (!read_candidate(one, position++, facts, out)) return false;
    }
    const auto blocked = field(field(root, "promptFeedback"), "blockReason").as_string();
    if (!blocked.empty() && position == 0) {
        facts.choices.set(0);
        facts.finish[0] = FinishReason::content_filter;
        facts.content = true;
    }
    read_usage(field(root, "usageMetadata"), facts);
    return true;
}

bool ChunkReader::read_candidate(Value candidate, std::size_t position, AnswerFacts& facts, Events& out) {
    const Value index = field(candidate, "index");
    const auto at = index && !index.is_null() ? index.as_int() : std::optional<std::int64_t>(position);
    if (!candidate.is_object() || !at || *at < 0 || *at >= static_cast<std::int64_t>(kAnswerChoices)) {
        set_failure(facts, Code::upstream_broken,
                    "The upstream sent a candidate that is none or has an impossible index.");
        return false;
    }
    const auto choice = static_cast<std::int32_t>(*at);
    facts.choices.set(static_cast<std::size_t>(*at));
    if (calls_.size() <= static_cast<std::size_t>(*at)) calls_.resize(static_cast<std::size_t>(*at) + 1);
    for (const Value part : field(field(candidate, "content"), "parts").elements()) {
        if (!read_part(part, choice, facts, out)) return false;
    }
    read_citations(candidate, choice, out);
    if (auto tokens = read_logprobs(field(candidate, "logprobsResult")); !tokens.empty()) {
        out.emplace_back(exchange::LogprobsDelta{choice, std::move(tokens)});
    }
    return read_reason(field(candidate, "finishReason").as_string(), choice, facts);
}

bool ChunkReader::read_part(Value part, std::int32_t choice, AnswerFacts& facts, Events& out) {
    if (const Value call = field(part, "functionCall"); call.is_object()) {
        return read_call(part, call, choice, facts, out);
    }
    const Value text = field(part, "text"), blob = field(part, "inlineData");
    std::string signature(field(part, "thoughtSignature").as_string());
    if (text.is_string() && field(part, "thought").as_bool() == true) {
        if (text.as_string().empty() && signature.empty()) return true;
        out.emplace_back(
            exchange::ReasoningDelta{choice, std::string(text.as_string()), std::move(signature)});
        facts.content = true;
        return true;
    }
    if (!text.as_string().empty()) {
        if (choice == 0 && text_.size() < kCitedText) text_ += text.as_string();
        out.emplace_back(exchange::TextDelta{choice, std::string(text.as_string())});
    }
    if (blob.is_object()) {
        out.emplace_back(exchange::MediaDelta{choice, std::string(field(blob, "mimeType").as_string()),
                                              std::string(field(blob, "data").as_string())});
    }
    // The signature of a text or an image: thinking without readable text.
    const bool any = !text.as_string().empty() || blob || !signature.empty() ||
                     field(part, "executableCode") || field(part, "codeExecutionResult");
    if (!signature.empty()) out.emplace_back(exchange::ReasoningDelta{choice, {}, std::move(signature)});
    facts.content = facts.content || any;
    return true;
}

bool ChunkReader::read_call(Value part, Value call, std::int32_t choice, AnswerFacts& facts, Events& out) {
    auto& number = calls_[static_cast<std::size_t>(choice)];
    if (static_cast<std::size_t>(number) >= kAnswerCalls) {
        set_failure(facts, Code::upstream_broken,
                    fmt::format("The upstream's answer has more than {} function calls.", kAnswerCalls));
        return false;
    }
    exchange::ToolCallDelta event;
    event.choice = choice;
    event.call = number++;
    event.id = field(call, "id").as_string();
    if (event.id.empty()) event.id = invented_id(seed_, invented_++);
    event.name = field(call, "name").as_string();
    const Value args = field(call, "args");
    event.arguments = args.is_object() ? args.raw() : "{}";
    event.opaque = field(part, "thoughtSignature").as_string();
    out.emplace_back(std::move(event));
    facts.content = true;
    return true;
}

bool ChunkReader::read_reason(std::string_view word, std::int32_t choice, AnswerFacts& facts) {
    const auto reason = reason_of(word);
    if (!reason) return true;
    if (reason == FinishReason::error && spoilt_is_failure_) {
        set_failure(
            facts, Code::upstream_failed,
            fmt::format("The upstream ended its answer with the finish reason '{}'.", text::printable(word)));
        return false;
    }
    const auto at = static_cast<std::size_t>(choice);
    facts.finish[at] = reason;  // finish() makes it tool_calls where there were any
    facts.content = true;
    return true;
}

void ChunkReader::cite(exchange::Citation citation, Events& out) {
    if (citation.url.empty() || cited_.size() >= kAnswerCitations || ++told_ > 16 * kAnswerCitations) return;
    if (std::ranges::find(cited_, citation) != cited_.end()) return;
    cited_.push_back(citation);
    out.emplace_back(std::move(citation));
}

// groundingMetadata (searches) and citationMetadata (recitations). Its positions are bytes of the text, ours characters;
// beyond the text that is kept a citation tells the cited words alone.
void ChunkReader::read_citations(Value candidate, std::int32_t choice, Events& out) {
    const Value grounding = field(candidate, "groundingMetadata");
    const Value chunks = field(grounding, "groundingChunks");
    const Value supports = field(grounding, "groundingSupports");
    std::vector<Value> sources;
    for (const Value chunk : chunks.elements()) {
        if (sources.size() == kAnswerCitations) break;
        const Value web = field(chunk, "web");
        sources.push_back(web.is_object() ? web : field(chunk, "retrievedContext"));
    }
    const auto tell = [&](Value source, Value segment) {
        exchange::Citation citation{.choice = choice,
                                    .url = std::string(field(source, "uri").as_string()),
                                    .title = std::string(field(source, "title").as_string()),
                                    .text = std::string(field(segment, "text").as_string())};
        const auto start = field(segment, "startIndex").as_uint().value_or(0);
        const auto end = field(segment, "endIndex").as_uint();
        if (choice == 0 && end && start <= *end && *end <= text_.size()) {
            citation.start = text::count_characters(std::string_view(text_).substr(0, start));
            citation.end = text::count_characters(std::string_view(text_).substr(0, *end));
        }
        cite(std::move(citation), out);
    };
    for (const Value support : supports.elements()) {
        if (cited_.size() >= kAnswerCitations || told_ > 16 * kAnswerCitations) return;
        const Value segment = field(support, "segment");
        for (const Value index : field(support, "groundingChunkIndices").elements()) {
            const auto at = index.as_uint();
            if (at && *at < sources.size()) tell(sources[*at], segment);
        }
    }
    if (supports.size() == 0) {
        for (const Value source : sources) tell(source, {});
    }
    const Value recited = field(candidate, "citationMetadata");
    const Value gemini = field(recited, "citationSources"), vertex = field(recited, "citations");
    for (const Value source : (gemini ? gemini : vertex).elements()) tell(source, {});
}

void ChunkReader::finish(AnswerFacts& facts, Events& out) const {
    for (std::size_t i = 0; i < kAnswerChoices; ++i) {
        auto& reason = facts.finish[i];
        if (!reason) continue;
        if (reason == FinishReason::stop && i < calls_.size() && calls_[i] > 0)
            reason = FinishReason::tool_calls;
        out.emplace_back(exchange::Finish{static_cast<std::int32_t>(i), *reason, {}});
    }
}

}  // namespace hearth::wire::gemini
