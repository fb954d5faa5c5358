#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/limits.h"
#include "wire/facts.h"
#include "wire/llama/request.h"
#include "wire/llama/sampling.h"
#include "wire/openai/decode.h"

namespace hearth::wire::llama {

namespace {

using exchange::Completion;
using exchange::Request;
using json::Value;
using openai::Field;

Completion& completion(Request& out) {
    return std::get<Completion>(out.body);
}

bool read_limit(Reader& r, Value v, const Path& p, Request& out) {
    const bool own_name = p.key == "n_predict";
    if (own_name) out.sampling.max_tokens.reset();  // it counts, wherever the aliases stand
    const auto before = out.sampling.max_tokens;
    if (!read_predict(r, v, p, out)) return false;
    if (!own_name && before) out.sampling.max_tokens = before;
    return true;
}

bool read_choices(Reader& r, Value v, const Path& p, Request& out) {
    return r.integer(v, p, out.n, {1, static_cast<std::int64_t>(limits::kChoices)});
}

bool read_probs(Reader& r, Value v, const Path& p, Request& out) {
    std::int64_t count = 0;
    if (!r.integer(v, p, count, {0})) return false;
    out.sampling.logprobs = count > 0;
    out.sampling.top_logprobs = std::min<std::int64_t>(count, 20);
    return true;
}

std::optional<std::int64_t> token_id(std::string_view digits) {
    std::int64_t id = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (problem != std::errc{} || end != digits.data() + digits.size() || id < 0) return std::nullopt;
    return id;
}

// nullopt: neither a number nor false.
std::optional<double> bias_of(Value v) {
    if (v.as_bool() == false) return -100;
    const auto found = v.as_double();
    return found ? std::optional(std::clamp(*found, -100.0, 100.0)) : std::nullopt;
}

bool read_logit_bias(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_array() && !v.is_object())
        return r.wrong_type(v, "array of [token, bias] or object from token to bias", p);
    if (v.size() > openai::kLogitBias) {
        return r.fail(
            p, fmt::format("'logit_bias' has {} entries, but may have {}.", v.size(), openai::kLogitBias));
    }
    std::vector<std::pair<std::int64_t, double>> pairs;
    bool texts = false;
    const auto add = [&](std::optional<std::int64_t> id, Value bias, const Path& at) {
        const auto value = bias_of(bias);
        if (!value) return r.wrong_type(bias, "number or false", at);
        texts = texts || !id;
        pairs.emplace_back(id.value_or(0), *value);
        return true;
    };
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        const Path at = p.at(index++);
        const Value token = one.at(0);
        if (one.size() != 2 || !one.is_array()) return r.wrong_type(one, "array of token and bias", at);
        if (!token.is_integer() && !token.is_string())
            return r.wrong_type(token, "token id or a text", at.at(std::size_t{0}));
        auto id = token.as_int();
        if (id && *id < 0) return r.fail(at, fmt::format("'{}' has a negative token id.", at.text()));
        if (!add(id, one.at(1), at.at(std::size_t{1}))) return false;
    }
    for (const json::Member member : v.members()) {
        if (!add(token_id(member.key()), member.value, p.at(member.key()))) return false;
    }
    if (texts) {
        out.extra.push_back({"logit_bias", std::string(v.raw())});
    } else {
        out.sampling.logit_bias = std::move(pairs);
    }
    return true;
}

bool sampled(Reader& r, Value v, const Path& p, Request& out) {
    return sampling_field(p.key)->read(r, v, p, out);
}
bool read_grammar(Reader& r, Value v, const Path& p, Request& out) {
    return r.string(v, p, out.sampling.grammar);
}
bool read_ignore_eos(Reader& r, Value v, const Path& p, Request& out) {
    return r.boolean(v, p, out.sampling.ignore_eos);
}
bool read_stream(Reader& r, Value v, const Path& p, Request& out) {
    return r.boolean(v, p, out.stream);
}
bool read_prompt(Reader& r, Value v, const Path& p, Request& out) {
    return openai::read_prompts(r, v, p, completion(out).prompts);
}
bool later(Reader& /*r*/, Value /*v*/, const Path& /*p*/, Request& /*out*/) {
    return true;
}

bool refused(Reader& r, Value /*v*/, const Path& p, Request& /*out*/) {
    return r.fail(p, fmt::format("'{}' belongs to /infill; /completion takes 'prompt'.", p.text()));
}

constexpr std::array<Field, 23> fields(bool infill) {
    const auto own = infill ? later : refused;
    return {{
        {"frequency_penalty", sampled},
        {"grammar", read_grammar},
        {"ignore_eos", read_ignore_eos},
        {"input_extra", own},
        {"input_prefix", own},
        {"input_suffix", own},
        {"logit_bias", read_logit_bias},
        {"max_completion_tokens", read_limit},
        {"max_tokens", read_limit},
        {"min_p", sampled},
        {"n", read_choices},
        {"n_cmpl", read_choices},
        {"n_predict", read_limit},
        {"n_probs", read_probs},
        {"presence_penalty", sampled},
        {"prompt", infill ? later : read_prompt},
        {"repeat_penalty", sampled},
        {"seed", sampled},
        {"stop", sampled},
        {"stream", read_stream},
        {"temperature", sampled},
        {"top_k", sampled},
        {"top_p", sampled},
    }};
}
constexpr auto kCompletion = fields(false), kInfill = fields(true);
static_assert(std::ranges::is_sorted(kInfill, {}, &Field::name));

// The files that the editor thinks related, in front of the prefix.
bool read_extra(Reader& r, Value v, const Path& p, std::string& out) {
    if (!v || v.is_null()) return true;
    if (!v.is_array()) return r.wrong_type(v, "array of files", p);
    if (v.size() > openai::kParts) {
        return r.fail(
            p, fmt::format("'{}' has {} entries, but may have {}.", p.text(), v.size(), openai::kParts));
    }
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        const Path at = p.at(index++);
        std::string name = "snippet", text;
        if (!one.is_object()) return r.wrong_type(one, "object", at);
        if (!one["text"]) return r.missing(at.at("text"));
        if (!r.string(one["text"], at.at("text"), text)) return false;
        if (!r.string(one["filename"], at.at("filename"), name)) return false;
        out += fmt::format("--- {} ---\n{}\n", name, text);
    }
    return true;
}

bool read_infill(Reader& r, Value root, Request& out) {
    const Path top;
    std::string before, prefix, line, suffix;
    if (!root.is_object()) return r.fail({}, "The request's body must be a JSON object.");
    if (!root["input_prefix"]) return r.missing(top.at("input_prefix"));
    if (!root["input_suffix"]) return r.missing(top.at("input_suffix"));
    if (!read_extra(r, root["input_extra"], top.at("input_extra"), before) ||
        !r.string(root["input_prefix"], top.at("input_prefix"), prefix) ||
        !r.string(root["input_suffix"], top.at("input_suffix"), suffix) ||
        !r.string(root["prompt"], top.at("prompt"), line))
        return false;
    completion(out).prompts.emplace_back(before + prefix + line);
    completion(out).suffix = std::move(suffix);
    return openai::read_fields(r, root, kInfill, false, out);
}

bool read_completion(Reader& r, Value root, Request& out) {
    const Path top;
    if (!openai::read_fields(r, root, kCompletion, false, out)) return false;
    const auto answers = static_cast<std::int64_t>(out.completion().prompts.size()) * out.n;
    if (answers == 0) return r.missing(top.at("prompt"));
    if (answers <= static_cast<std::int64_t>(kAnswerChoices)) return true;
    return r.fail(top.at("prompt"), fmt::format("'prompt' asks for {} answers, but one request may have {}.",
                                                answers, kAnswerChoices));
}

}  // namespace

Result<Request> decode_request(const Call& call, const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = exchange::Kind::completion;
    out.dialect = exchange::Dialect::llama;
    out.body = Completion{};
    const bool ok = call.endpoint == "infill" ? read_infill(reader, document.root(), out)
                                              : read_completion(reader, document.root(), out);
    if (!ok) return fail(std::move(*reader.error));
    return out;
}

bool is_warm_up(const Request& request) {
    return request.dialect == exchange::Dialect::llama && request.sampling.max_tokens == 0;
}

}  // namespace hearth::wire::llama
