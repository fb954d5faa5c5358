#include "pipeline/upstreams.h"

#include "provider/outbound.h"

namespace hearth::pipeline {

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

Result<Upstream::Head> head_of(const provider::Provider& row, exchange::Kind kind, bool stream) {
    auto head = provider::common_head(row, kind, stream);
    if (!head) return fail(std::move(head.error()));
    auto fields = client::CommonFields::encode(head->headers);
    if (!fields) return fail(std::move(fields.error()));
    return Upstream::Head{std::move(head->target), std::move(*fields)};
}

}  // namespace

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
    for (std::size_t kind = 0; kind < heads.size(); ++kind) {
        for (const bool streams : {false, true})
            heads[kind][streams] = head_of(row, static_cast<exchange::Kind>(kind), streams);
    }
}

wire::openai::EditOptions Upstream::edits(exchange::Kind kind, std::string_view model) const {
    wire::openai::EditOptions options;
    options.model = model;
    options.ask_usage = provider.quirks.stream_options;
    if (provider.quirks.max_completion_tokens && kind == exchange::Kind::chat)
        options.max_tokens_field = "max_completion_tokens";
    options.developer_as_system = !provider.quirks.developer_role;
    return options;
}

Upstreams::Upstreams(const provider::Registry& providers, const config::Config& config) {
    for (const auto& row : providers.all()) {
        if (row.base) by_id_.try_emplace(row.id, row, config);
    }
}

const Upstream* Upstreams::find(std::string_view provider) const {
    const auto found = by_id_.find(provider);
    return found == by_id_.end() ? nullptr : &found->second;
}

}  // namespace hearth::pipeline
