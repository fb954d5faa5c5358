#include <fmt/format.h>

#include <algorithm>

#include "http/head.h"
#include "provider/address.h"
#include "provider/credentials.h"
#include "provider/embedded.h"
#include "provider/place.h"
#include "provider/provider.h"
#include "provider/rows.h"
#include "wire/dialects.h"

namespace hearth::provider {

namespace {

std::string where(const Provider& provider, std::string_view key) {
    return fmt::format("[providers.{}] {}", provider.id, key);
}

// A listener on all addresses is reached by any name of this machine; loopback names are the ones we can tell.
bool is_this_hearth(const text::Url& url, const std::vector<config::Listen>& own) {
    return std::ranges::any_of(own, [&](const config::Listen& listen) {
        if (listen.port == 0 || listen.port != url.port) return false;
        if (listen.host == url.host) return true;
        const bool all = listen.host == "0.0.0.0" || listen.host == "::";
        return is_loopback_host(url.host) && (all || listen.loopback());
    });
}

// The header for the key is the dialect's; a row of the catalogue says otherwise where its vendor does.
void set_key_header(Provider& row, exchange::Dialect dialect) {
    const auto header = wire::dialect_row(dialect).key_header;
    row.auth = header.empty() ? Auth::bearer : Auth::header;
    row.auth_header = header;
}

// What the catalogue knows of that wire stays, but for its path at another address.
void restrict_to_dialect(Provider& row, exchange::Dialect dialect, bool moved) {
    const auto known = std::ranges::find(row.wires, dialect, &Wire::dialect);
    if (row.custom || known == row.wires.end()) {
        row.wires.assign(1, {});
        row.wires.front().dialect = dialect;
        set_key_header(row, dialect);
        return;
    }
    auto only = *known;
    if (moved) only.path.reset();
    row.wires.assign(1, std::move(only));
}

class Builder {
  public:
    Builder(const config::Config& config, const config::Environment& env, std::vector<std::string>& warnings)
        : config_(config), env_(env), warnings_(warnings) {}

    Result<void> apply(Provider& row) {
        const auto found = config_.providers.find(row.id);
        const auto* const wanted = found == config_.providers.end() ? nullptr : &found->second;
        if (wanted) {
            if (auto ok = configure(row, *wanted); !ok) return ok;
        }
        if (auto ok = find_key(row, wanted); !ok) return ok;  // an account may say where it belongs
        if (auto ok = move(row, wanted); !ok) return ok;
        return locate(row, wanted);
    }

  private:
    Result<void> configure(Provider& row, const config::Provider& wanted) {
        if (!wanted.dialect.empty()) {
            const auto dialect = wire::parse_dialect(wanted.dialect);
            if (!dialect || wire::dialect_row(*dialect).upstreams.empty()) {
                return fail(Code::config, fmt::format("{} = \"{}\" is not a dialect of upstreams: {}.",
                                                      where(row, "dialect"), wanted.dialect,
                                                      wire::dialect_names(wire::Side::upstream)));
            }
            restrict_to_dialect(row, *dialect, !wanted.base_url.empty());
        }
        row.enabled = wanted.enabled;
        row.models = wanted.models;
        row.pass_client_credentials = wanted.pass_client_credentials;
        if (!wanted.key_env.empty()) row.key_env = {wanted.key_env};
        for (const auto& [name, value] : wanted.headers) {
            if (!http::is_token(name) || !http::is_field_value(value)) {
                return fail(Code::config, fmt::format("{}: \"{}\" is not a header that can be sent.",
                                                      where(row, "headers"), name));
            }
            row.headers.emplace_back(name, Secret(value));
        }
        return {};
    }

    // The configuration's address, else the environment's, else the catalogue's.
    Result<void> move(Provider& row, const config::Provider* wanted) {
        std::string address, from;
        if (wanted && !wanted->base_url.empty()) {
            address = wanted->base_url;
            from = where(row, "base_url");
        } else if (auto found = address_from(row.base_url_env, env_)) {
            address = std::move(found->url);
            from = std::move(found->from);
        } else if (!row.base_template.empty()) {
            return fill(row);
        }
        if (address.empty()) return {};
        auto base = parse_base(address, from);
        if (!base) return fail(std::move(base.error()));
        if (is_this_hearth(*base, config_.server.listen)) {
            warnings_.push_back(fmt::format(
                "{} = {} is this Hearth itself and is ignored{}.", from, base->to_string(),
                row.base ? fmt::format("; {} stays at {}", row.id, row.base->to_string()) : std::string{}));
            return {};
        }
        row.moved = !row.custom;
        if (row.moved) move_wires(row, *base);
        row.base = std::move(*base);
        return {};
    }

    // The address of one's own resource, project or region.
    Result<void> fill(Provider& row) {
        auto filled = fill_address(row.base_template, env_, row.google ? row.google->project : std::string{});
        if (!filled) return fail(std::move(filled.error()));
        row.missing = std::move(filled->missing);
        if (!row.missing.empty()) return {};
        auto base = parse_base(filled->url, row.id);
        if (!base) return fail(std::move(base.error()));
        row.base = std::move(*base);
        return {};
    }

    // The stricter of what the catalogue says and what the owner says; an address of another machine is never
    // loopback, and one that is not configured is judged by its address.
    Result<void> locate(Provider& row, const config::Provider* wanted) {
        const auto configured = wanted ? wanted->place : std::nullopt;
        if (configured == Place::local) {
            return fail(Code::config,
                        fmt::format("{} = \"local\" is for Hearth's own engine; a server on this machine is "
                                    "\"loopback\".",
                                    where(row, "place")));
        }
        if (row.custom) {
            row.place = configured.value_or(Place::cloud);
            if (row.base && row.place == Place::loopback && !is_loopback_host(row.base->host)) {
                return fail(Code::config,
                            fmt::format("{} = \"loopback\", but {} is not an address of this machine.",
                                        where(row, "place"), row.base->host));
            }
            return {};
        }
        if (configured) row.place = std::max(row.place, *configured);
        if (!row.base || row.place == Place::cloud || is_loopback_host(row.base->host)) return {};
        row.place = std::max(row.place, configured ? Place::lan : place_of_host(row.base->host));
        return {};
    }

    Result<void> find_key(Provider& row, const config::Provider* wanted) {
        const auto file = wanted ? wanted->key_file.string() : std::string{};
        if (auto ok = find_credentials(row, file, env_, warnings_); !ok) {
            return fail(Code::config,
                        file.empty() ? ok.error()->message
                                     : fmt::format("{}: {}", where(row, "key_file"), ok.error()->message));
        }
        if (!http::is_field_value(row.key.reveal()) && !row.key.empty()) {
            return fail(Code::config,
                        fmt::format("The key in {} has characters that cannot be sent (a line break?).",
                                    row.key_from));
        }
        return {};
    }

    const config::Config& config_;
    const config::Environment& env_;
    std::vector<std::string>& warnings_;
};

}  // namespace

Result<Registry> Registry::build(const config::Config& config, const config::Environment& env) {
    auto rows = read_rows(embedded_providers());
    if (!rows) return fail(std::move(rows.error()));
    Registry registry;
    registry.providers_ = std::move(*rows);
    for (const auto& [id, wanted] : config.providers) {
        if (registry.find(id)) continue;
        Provider row;
        row.id = row.name = id;
        row.custom = true;
        row.wires = {Wire{}};
        row.source = "configuration";
        row.key_optional = wanted.key_env.empty() && wanted.key_file.empty();
        registry.providers_.push_back(std::move(row));
    }
    Builder builder(config, env, registry.warnings_);
    for (auto& row : registry.providers_) {
        if (auto ok = builder.apply(row); !ok) return fail(std::move(ok.error()));
    }
    return registry;
}

const Provider* Registry::find(std::string_view id) const {
    const auto found = std::ranges::find(providers_, id, &Provider::id);
    return found == providers_.end() ? nullptr : &*found;
}

}  // namespace hearth::provider
