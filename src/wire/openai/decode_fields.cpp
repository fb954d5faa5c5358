// Fields that requests share: model, stream, sampling, and the extensions of local servers.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/limits.h"
#include "wire/openai/decode.h"
#include "wire/openai/request.h"

namespace hearth::wire::openai {

namespace {

using exchange::Request;
using json::Value;

bool read_stream_options(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    if (!r.boolean(v["include_usage"], p.at("include_usage"), out.include_usage)) return false;
    std::vector<exchange::RawField> unknown;
    keep_unknown(unknown, v, "stream_options", {"include_usage"});
    out.extra.insert(out.extra.begin(), unknown.begin(), unknown.end());  // first, wherever the object stood
    return true;
}

bool read_max_tokens(Reader& r, Value v, const Path& p, Request& out) {
    std::optional<std::int64_t> found;
    if (!r.integer(v, p, found, {-1, std::numeric_limits<std::int32_t>::max()})) return false;
    const bool stronger = p.key == "max_completion_tokens" || !out.sampling.max_tokens;
    if (found && *found >= 0 && stronger)
        out.sampling.max_tokens = found;  // -1: no limit, as local servers say it
    return true;
}

std::optional<std::int64_t> token_id(std::string_view digits) {
    std::int64_t id = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (problem != std::errc{} || end != digits.data() + digits.size() || id < 0) return std::nullopt;
    return id;
}

bool read_logit_bias(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object from token id to bias", p);
    if (v.size() > kLogitBias) {
        return r.fail(p, fmt::format("'logit_bias' has {} entries, but may have {}.", v.size(), kLogitBias));
    }
    for (const json::Member member : v.members()) {
        const Path at = p.at(member.key());
        const auto id = token_id(member.key());
        if (!id) return r.fail(at, "The keys of 'logit_bias' must be token ids: whole numbers from 0.");
        std::optional<double> bias;
        if (!r.real(member.value, at, bias, -100, 100)) return false;
        if (bias) out.sampling.logit_bias.emplace_back(*id, *bias);
    }
    return true;
}

bool read_keep_alive(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (v.is_string()) {
        out.keep_alive_s = parse_keep_alive(v.as_string());
    } else if (v.is_number()) {
        const auto seconds = v.as_double();
        if (seconds && std::abs(*seconds) < 1e12)
            out.keep_alive_s = static_cast<std::int64_t>(std::ceil(*seconds));
    } else {
        return r.wrong_type(v, "duration such as \"5m\" or a number of seconds", p);
    }
    if (out.keep_alive_s) return true;
    return r.fail(
        p, "'keep_alive' must be a duration such as \"5m\" or a number of seconds; negative means for ever.");
}

bool read_user(Reader& r, Value v, const Path& p, Request& out) {
    return r.user(v, p, p.key, out.user);
}

constexpr double kAnyReal = std::numeric_limits<double>::max();

constexpr Field kSampling[] = {
    {"frequency_penalty", [](Reader& r, Value v, const Path& p,
                             Request& o) { return r.real(v, p, o.sampling.frequency_penalty, -2, 2); }},
    {"grammar",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, o.sampling.grammar); }},
    {"ignore_eos",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.boolean(v, p, o.sampling.ignore_eos); }},
    {"logit_bias", read_logit_bias},
    {"max_completion_tokens", read_max_tokens},
    {"max_tokens", read_max_tokens},
    {"min_p",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.real(v, p, o.sampling.min_p, 0, 1); }},
    {"n", [](Reader& r, Value v, const Path& p,
             Request& o) { return r.integer(v, p, o.n, {1, static_cast<std::int64_t>(limits::kChoices)}); }},
    {"presence_penalty", [](Reader& r, Value v, const Path& p,
                            Request& o) { return r.real(v, p, o.sampling.presence_penalty, -2, 2); }},
    {"repeat_penalty", [](Reader& r, Value v, const Path& p,
                          Request& o) { return r.real(v, p, o.sampling.repeat_penalty, 0, kAnyReal); }},
    {"seed", [](Reader& r, Value v, const Path& p, Request& o) { return r.integer(v, p, o.sampling.seed); }},
    {"stop",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.stops(v, p, true, o.sampling.stop); }},
    {"stream", [](Reader& r, Value v, const Path& p, Request& o) { return r.boolean(v, p, o.stream); }},
    {"stream_options", read_stream_options},
    {"temperature", [](Reader& r, Value v, const Path& p,
                       Request& o) { return r.real(v, p, o.sampling.temperature, 0, 2); }},
    {"top_k",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.integer(v, p, o.sampling.top_k, {-1}); }},
    {"top_p",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.real(v, p, o.sampling.top_p, 0, 1); }},
};

constexpr Field kAny[] = {
    {"keep_alive", read_keep_alive},
    {"model", [](Reader& r, Value v, const Path& p, Request& o) { return r.model(v, p, o.model); }},
    {"num_ctx",
     [](Reader& r, Value v, const Path& p, Request& o) {
         return r.integer(v, p, o.context_tokens, {1, std::numeric_limits<std::int32_t>::max()});
     }},
    {"prompt_cache_key",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, o.cache_key); }},
    {"safety_identifier", read_user},
    {"user", read_user},
};

static_assert(std::ranges::is_sorted(kSampling, {}, &Field::name) &&
              std::ranges::is_sorted(kAny, {}, &Field::name));

}  // namespace

const Field* find_field(std::span<const Field> table, std::string_view name) {
    const auto found = std::ranges::lower_bound(table, name, {}, &Field::name);
    return found != table.end() && found->name == name ? &*found : nullptr;
}

bool read_fields(Reader& reader, Value root, std::span<const Field> own, bool sampling, Request& out) {
    if (!root.is_object()) return reader.fail({}, "The request's body must be a JSON object.");
    const Path top;
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key();
        const Field* field = find_field(own, key);
        if (field == nullptr && sampling) field = find_field(kSampling, key);
        if (field == nullptr) field = find_field(kAny, key);
        if (field == nullptr) {
            keep(out.extra, {}, member);
        } else if (!field->read(reader, member.value, top.at(key), out)) {
            return false;
        }
    }
    return true;
}

std::optional<std::int64_t> parse_keep_alive(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    double total_s = 0;
    bool any = false;
    while (!text.empty()) {
        double amount = 0;
        const auto [end, problem] =
            std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
        if (problem != std::errc{} || amount < 0 || text.starts_with('-')) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        static constexpr std::pair<std::string_view, double> kUnits[] = {
            {"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
        const auto unit =
            std::ranges::find_if(kUnits, [&](const auto& u) { return text.starts_with(u.first); });
        if (unit != std::end(kUnits)) {
            total_s += amount * unit->second;
            text.remove_prefix(unit->first.size());
        } else if (text.empty() && !any) {
            total_s = amount;  // a bare number
        } else {
            return std::nullopt;
        }
        any = true;
    }
    if (!any || !(total_s < 1e12)) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(std::ceil(total_s));
    return negative ? -whole : whole;
}

}  // namespace hearth::wire::openai
