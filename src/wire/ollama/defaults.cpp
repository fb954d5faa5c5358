#include "wire/ollama/defaults.h"

#include "text/json_writer.h"
#include "wire/ollama/request.h"

namespace hearth::wire::ollama {

namespace {

template <class T>
void fill(std::optional<T>& into, const std::optional<T>& from) {
    if (!into) into = from;
}

}  // namespace

Result<exchange::Request> decode_defaults(std::string_view options) {
    json::Document document;
    if (const auto checked = document.parse(options); !checked) return fail(checked.error());
    std::string body;
    json::Writer(body).begin_object().member_raw("options", options).end_object();
    if (const auto parsed = document.parse(body); !parsed) return fail(parsed.error());
    return decode_request({.kind = exchange::Kind::chat, .endpoint = "chat", .model = {}, .stream = {}},
                          document);
}

void apply_defaults(const exchange::Request& defaults, exchange::Request& request) {
    auto& to = request.sampling;
    const auto& from = defaults.sampling;
    fill(to.temperature, from.temperature);
    fill(to.top_p, from.top_p);
    fill(to.min_p, from.min_p);
    fill(to.presence_penalty, from.presence_penalty);
    fill(to.frequency_penalty, from.frequency_penalty);
    fill(to.repeat_penalty, from.repeat_penalty);
    fill(to.top_k, from.top_k);
    fill(to.seed, from.seed);
    fill(to.max_tokens, from.max_tokens);
    if (to.stop.empty()) to.stop = from.stop;
    fill(request.context_tokens, defaults.context_tokens);
}

}  // namespace hearth::wire::ollama
