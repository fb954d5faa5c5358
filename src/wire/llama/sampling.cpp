#include "wire/llama/sampling.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace hearth::wire::llama {

namespace {

using exchange::Request;
using json::Value;
using openai::Field;

constexpr double kAnyReal = std::numeric_limits<double>::max();

bool read_seed(Reader& r, Value v, const Path& p, Request& out) {
    std::optional<std::int64_t> seed;
    if (!r.integer(v, p, seed)) return false;
    if (seed && *seed >= 0) out.sampling.seed = seed;
    return true;
}

constexpr Field kSampling[] = {
    {"frequency_penalty", [](Reader& r, Value v, const Path& p,
                             Request& o) { return r.real(v, p, o.sampling.frequency_penalty, -2, 2); }},
    {"min_p",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.real(v, p, o.sampling.min_p, 0, 1); }},
    {"presence_penalty", [](Reader& r, Value v, const Path& p,
                            Request& o) { return r.real(v, p, o.sampling.presence_penalty, -2, 2); }},
    {"repeat_penalty", [](Reader& r, Value v, const Path& p,
                          Request& o) { return r.real(v, p, o.sampling.repeat_penalty, 0, kAnyReal); }},
    {"seed", read_seed},
    {"stop",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.stops(v, p, true, o.sampling.stop); }},
    {"temperature", [](Reader& r, Value v, const Path& p,
                       Request& o) { return r.real(v, p, o.sampling.temperature, 0, kAnyReal); }},
    {"top_k",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.integer(v, p, o.sampling.top_k, {-1}); }},
    {"top_p",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.real(v, p, o.sampling.top_p, 0, 1); }},
};
static_assert(std::ranges::is_sorted(kSampling, {}, &Field::name));

}  // namespace

const Field* sampling_field(std::string_view name) {
    return openai::find_field(kSampling, name);
}

bool read_predict(Reader& reader, Value value, const Path& path, Request& out) {
    std::optional<std::int64_t> found;
    if (!reader.integer(value, path, found, {-2, std::numeric_limits<std::int32_t>::max()})) return false;
    if (found && *found >= 0) out.sampling.max_tokens = found;
    return true;
}

void write_sampling(json::Writer& w, const exchange::Sampling& s, std::string_view limit_name) {
    if (s.max_tokens) w.member(limit_name, *s.max_tokens);
    if (s.temperature) w.member("temperature", *s.temperature);
    if (s.top_k) w.member("top_k", *s.top_k);
    if (s.top_p) w.member("top_p", *s.top_p);
    if (s.min_p) w.member("min_p", *s.min_p);
    if (s.repeat_penalty) w.member("repeat_penalty", *s.repeat_penalty);
    if (s.presence_penalty) w.member("presence_penalty", *s.presence_penalty);
    if (s.frequency_penalty) w.member("frequency_penalty", *s.frequency_penalty);
    if (s.seed) w.member("seed", *s.seed);
    if (s.stop.empty()) return;
    w.key("stop").begin_array();
    for (const auto& stop : s.stop) w.string(stop);
    w.end_array();
}

}  // namespace hearth::wire::llama
