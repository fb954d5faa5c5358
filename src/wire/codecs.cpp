#include "wire/codecs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wire/dialects.h"

namespace hearth::wire {

std::string_view ClientCodec::stream_type(const Call& /*call*/) const {
    return "text/event-stream";
}

std::string_view ClientCodec::keep_alive() const {
    return "\n";
}

std::optional<std::string> UpstreamCodec::path_of(const exchange::Request& request,
                                                  std::string_view /*endpoint*/,
                                                  std::string_view model) const {
    return path(request.kind, model, request.stream);
}

Result<AnswerFacts> UpstreamCodec::facts(exchange::Kind kind, std::string_view body,
                                         json::Document& scratch) const {
    auto answer = whole(kind, body, scratch);
    if (!answer) return fail(std::move(answer.error()));
    AnswerFacts facts;
    facts.content = facts.done = true;
    for (std::size_t i = 0; i < std::min(answer->choices.size(), kAnswerChoices); ++i) {
        facts.choices.set(i);
        facts.finish[i] = answer->choices[i].finish;
    }
    if (answer->usage != exchange::Usage{}) facts.usage = answer->usage;
    facts.timings = answer->timings;
    return facts;
}

const ClientCodec* client_codec(exchange::Dialect dialect) {
    const auto client = dialect_row(dialect).client;
    return client ? &client() : nullptr;
}

const UpstreamCodec* upstream_codec(exchange::Dialect dialect, std::string_view form) {
    for (const auto& upstream : dialect_row(dialect).upstreams) {
        if (upstream.form == form) return &upstream.codec();
    }
    return nullptr;
}

std::optional<exchange::Dialect> parse_dialect(std::string_view name) {
    const auto rows = dialects();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i]->name == name) return static_cast<exchange::Dialect>(i);
    }
    return std::nullopt;
}

std::string dialect_names(Side side) {
    std::vector<std::string_view> names;
    for (const auto* const row : dialects()) {
        if (side == Side::client && !row->client) continue;
        if (side == Side::upstream && row->upstreams.empty()) continue;
        names.push_back(row->name);
    }
    const auto last = names.back();
    names.pop_back();
    return fmt::format("{} or {}", fmt::join(names, ", "), last);
}

}  // namespace hearth::wire
