// generationConfig: sampling, the answer's format, thinking.
#include <fmt/format.h>

#include "base/limits.h"
#include "wire/gemini/decode.h"
#include "wire/gemini/schema.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Request;
using exchange::ResponseFormat;
using json::Value;

bool read_stops(Reader& r, Value value, const Path& path, std::vector<std::string>& out) {
    if (!value || value.is_null()) return true;
    if (!within(r, value, path, limits::kStops)) return false;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        if (!r.name(one, path.at(index++), out.emplace_back())) return false;
    }
    return true;
}

bool read_sampling(Reader& r, Value config, const Path& path, Request& out) {
    auto& s = out.sampling;
    const auto at = [&](std::string_view name) { return path.at(name); };
    const auto real = [&](std::string_view name, std::optional<double>& into, double min, double max) {
        return r.real(field(config, name), at(name), into, min, max);
    };
    const auto integer = [&](std::string_view name, auto& into, IntRange range) {
        return r.integer(field(config, name), at(name), into, range);
    };
    return real("temperature", s.temperature, 0, 2) && real("topP", s.top_p, 0, 1) &&
           real("presencePenalty", s.presence_penalty, -2, 2) &&
           real("frequencyPenalty", s.frequency_penalty, -2, 2) &&
           integer("topK", s.top_k, {0, std::numeric_limits<std::int32_t>::max()}) &&
           integer("maxOutputTokens", s.max_tokens, {1}) && integer("seed", s.seed, {}) &&
           integer("candidateCount", out.n, {1, static_cast<std::int64_t>(limits::kChoices)}) &&
           integer("logprobs", s.top_logprobs, {0, 20}) &&
           r.boolean(field(config, "responseLogprobs"), at("responseLogprobs"), s.logprobs) &&
           read_stops(r, field(config, "stopSequences"), at("stopSequences"), s.stop);
}

// A schema in Google's form or as plain JSON Schema; the plain one wins.
bool read_schema(Reader& r, Value config, const Path& path, std::string& out) {
    for (const std::string_view name : {"responseJsonSchema", "_responseJsonSchema"}) {
        const Value plain = field(config, name);
        if (!plain || plain.is_null()) continue;
        if (!plain.is_object()) return r.wrong_type(plain, "object", path.at(name));
        out = plain_json_schema(plain);
        return true;
    }
    const Value google = field(config, "responseSchema");
    if (!google || google.is_null()) return true;
    if (!google.is_object()) return r.wrong_type(google, "object", path.at("responseSchema"));
    out = to_json_schema(google);
    return true;
}

bool read_format(Reader& r, Value config, const Path& path, Request& out) {
    std::string type, schema;
    const Value mime = field(config, "responseMimeType");
    if (!r.string(mime, path.at("responseMimeType"), type)) return false;
    if (!read_schema(r, config, path, schema)) return false;
    ResponseFormat format;
    if (!type.empty() && type != "text/plain" && type != "application/json") {
        out.extra.push_back({"generationConfig.responseMimeType", std::string(mime.raw())});  // text/x.enum
        return true;
    }
    if (!schema.empty()) {
        format.kind = ResponseFormat::Kind::json_schema;
        format.name = "response";  // other dialects want one
        format.schema = std::move(schema);
    } else if (type == "application/json") {
        format.kind = ResponseFormat::Kind::json_object;
    } else {
        return true;
    }
    std::get<exchange::Chat>(out.body).response_format = std::move(format);
    return true;
}

bool read_level(Reader& r, Value value, const Path& path, std::string& out) {
    std::string level;
    if (!r.string(value, path, level)) return false;
    for (char& c : level) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (level == "thinking_level_unspecified") level.clear();
    static constexpr std::string_view kLevels[] = {"minimal", "low", "medium", "high"};
    if (!level.empty() && std::ranges::find(kLevels, level) == std::end(kLevels)) {
        return r.fail(path, fmt::format("'{}' must be one of {}.", path.text(), listed(kLevels)));
    }
    out = std::move(level);
    return true;
}

bool read_thinking(Reader& r, Value value, const Path& path, Request& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    auto& chat = std::get<exchange::Chat>(out.body);
    std::optional<std::int64_t> budget;
    std::optional<bool> show;
    if (!r.integer(field(value, "thinkingBudget"), path.at("thinkingBudget"), budget, {-1, 1 << 24}))
        return false;
    if (!r.boolean(field(value, "includeThoughts"), path.at("includeThoughts"), show)) return false;
    if (!read_level(r, field(value, "thinkingLevel"), path.at("thinkingLevel"), chat.reasoning_effort))
        return false;
    if (budget == 0) {
        chat.thinking.mode = exchange::Thinking::Mode::off;
    } else if (budget) {
        chat.thinking.mode = exchange::Thinking::Mode::budget;
        chat.thinking.budget_tokens = budget;
    }
    if (show) chat.thinking.show = *show ? "auto" : "omitted";  // Gemini shows summaries of its thoughts
    keep_others(out.extra, value, "thinkingConfig", {"thinkingBudget", "includeThoughts", "thinkingLevel"});
    return true;
}

}  // namespace

bool read_generation_config(Reader& reader, Value value, const Path& path, Request& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_object()) return reader.wrong_type(value, "object", path);
    if (!read_sampling(reader, value, path, out) || !read_format(reader, value, path, out)) return false;
    if (!read_thinking(reader, field(value, "thinkingConfig"), path.at("thinkingConfig"), out)) return false;
    keep_others(
        out.extra, value, "generationConfig",
        {"temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "seed",
         "presencePenalty", "frequencyPenalty", "responseMimeType", "responseSchema", "responseJsonSchema",
         "_responseJsonSchema", "responseLogprobs", "logprobs", "thinkingConfig"});
    return true;
}

}  // namespace hearth::wire::gemini
