#include "upstream/upstreams.h"

#include <algorithm>

#include "provider/catalogue.h"
#include "provider/outbound.h"
#include "wire/codecs.h"
#include "wire/openai/fim.h"

namespace hearth::upstream {

namespace {

client::Timeouts timeouts_of(const config::Timeouts& t, bool stream) {
    client::Timeouts out;
    out.connect = t.connect;
    out.headers = stream ? t.first_token : t.answer;
    out.idle = stream ? t.stall : t.answer;
    if (!stream) out.total = t.answer;
    return out;
}

config::Timeouts configured_timeouts(const config::Config& config, const std::string& provider) {
    const auto own = config.providers.find(provider);
    return own == config.providers.end() ? config.client.timeouts
                                         : own->second.timeouts(config.client.timeouts);
}

// Mistral's and DeepSeek's completions have paths of their own.
std::optional<std::string> path_of(const provider::Provider& row, const UpstreamWire& wire,
                                   exchange::Kind kind, bool stream) {
    if (wire.dialect == exchange::Dialect::openai && kind == exchange::Kind::completion)
        return row.quirks.completions_path;
    return wire.codec.path(kind, {}, stream);
}

Result<UpstreamWire::Head> head_of(const provider::Provider& row, const provider::Wire& wire,
                                   const std::optional<std::string>& path, exchange::Kind kind, bool stream) {
    auto head = provider::common_head(row, wire, kind, path, stream);
    if (!head) return fail(std::move(head.error()));
    auto fields = client::CommonFields::encode(head->headers);
    if (!fields) return fail(std::move(fields.error()));
    return UpstreamWire::Head{std::move(head->target), std::move(*fields)};
}

}  // namespace

UpstreamWire::UpstreamWire(const provider::Provider& row, const provider::Wire& wire)
    : dialect(wire.dialect),
      fim(wire.dialect == exchange::Dialect::openai && row.quirks.fim),
      codec(*wire::upstream_codec(wire.dialect, wire.form)),
      base_path(wire.path.value_or(row.base->target)) {
    for (std::size_t kind = 0; kind < heads.size(); ++kind) {
        for (const bool streams : {false, true}) {
            const auto which = static_cast<exchange::Kind>(kind);
            heads[kind][streams] = head_of(row, wire, path_of(row, *this, which, streams), which, streams);
        }
    }
}

std::string_view UpstreamWire::target(const exchange::Request& request, std::string_view endpoint,
                                      std::string_view model, std::string& built) const {
    if (!codec.path_varies()) return head(request.kind, request.stream)->target;
    built = base_path + codec.path_of(request, endpoint, model).value_or("");
    return built;
}

bool UpstreamWire::can_forward_bytes(const exchange::Request& request, exchange::Dialect client,
                                     std::string_view endpoint) const {
    if (fim && request.kind == exchange::Kind::completion)
        return client == dialect && endpoint == wire::openai::kFimEndpoint;
    return client == dialect && (endpoint.empty() || codec.path_of(request, endpoint, request.model));
}

Upstream::Upstream(const provider::Provider& row, const config::Config& config)
    : provider(row), gate{row.id, row.base->scheme, row.base->host, row.base->port, row.place} {
    to.scheme = row.base->scheme;
    to.host = row.base->host;
    to.port = row.base->port;
    to.ca_file = config.client.ca_file.string();
    to.loopback_required = row.place == Place::loopback;
    const auto limits = configured_timeouts(config, row.id);
    when_whole = timeouts_of(limits, false);
    when_streamed = timeouts_of(limits, true);
    first_token = limits.first_token;
    for (const auto& wire : row.wires) {
        if (wire::upstream_codec(wire.dialect, wire.form)) wires.emplace_back(row, wire);
    }
    signer = provider::make_signer(row);
    authenticates_each_request = row.authenticates_each_request();
}

const UpstreamWire& Upstream::wire_for(exchange::Dialect client, exchange::Kind kind) const {
    const auto able = [&](const UpstreamWire& wire) { return wire.head(kind, false).has_value(); };
    for (const auto& wire : wires) {
        if (wire.dialect == client && able(wire)) return wire;
    }
    const auto first = std::ranges::find_if(wires, able);
    return first == wires.end() ? wires.front() : *first;
}

wire::UpstreamNeeds Upstream::needs(const UpstreamWire& wire, exchange::Kind kind,
                                    std::string_view model) const {
    wire::UpstreamNeeds needs;
    needs.kind = kind;
    needs.provider = provider.id;
    needs.model = model;
    needs.ask_usage = provider.quirks.stream_options;
    if (provider.quirks.max_completion_tokens && kind == exchange::Kind::chat)
        needs.max_tokens_field = "max_completion_tokens";
    needs.developer_as_system = !provider.quirks.developer_role;
    needs.reasoning_content = provider.quirks.reasoning_content;
    needs.fim = wire.fim;
    if (wire.dialect == exchange::Dialect::anthropic) {
        const auto* const facts = provider::Catalogue::embedded().find(provider.prices, model);
        if (facts) needs.max_output_tokens = facts->max_output;
    }
    return needs;
}

Upstreams::Upstreams(const provider::Registry& providers, const config::Config& config) {
    for (const auto& row : providers.all()) {
        if (!row.base) continue;
        const auto added = by_id_.try_emplace(row.id, row, config).first;
        if (added->second.wires.empty()) by_id_.erase(added);
    }
}

const Upstream* Upstreams::find(std::string_view provider) const {
    const auto found = by_id_.find(provider);
    return found == by_id_.end() ? nullptr : &found->second;
}

}  // namespace hearth::upstream
