#include "provider/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "text/json_require.h"
#include "wire/dialects.h"

namespace hearth::provider {

namespace {

Error corrupt(std::string_view id, const Error& cause) {
    Error error;
    error.code = Code::corrupt;
    error.message = fmt::format("catalog/providers.json, provider \"{}\": {}", id, cause.message);
    return error;
}

std::optional<Runtime> runtime_from(std::string_view name) {
    constexpr std::string_view kNames[] = {"none", "ollama", "lmstudio", "llama_server", "vllm"};
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        if (kNames[i] == name) return static_cast<Runtime>(i);
    }
    return std::nullopt;
}

Result<std::vector<std::string>> read_names(json::Value row, std::string_view key) {
    std::vector<std::string> names;
    auto array = json::optional_array(row, key);
    if (!array) return fail(std::move(array.error()));
    for (const auto name : array->elements()) {
        if (!name.is_string()) return fail(Code::corrupt, fmt::format("'{}' must hold strings.", key));
        names.emplace_back(name.as_string());
    }
    return names;
}

// An object of true and false, and nothing that is not known.
Result<Quirks> read_quirks(json::Value object) {
    Quirks quirks;
    const std::pair<std::string_view, bool*> flags[] = {
        {"stream_options", &quirks.stream_options},
        {"max_completion_tokens", &quirks.max_completion_tokens},
        {"developer_role", &quirks.developer_role},
        {"n", &quirks.n},
        {"completions", &quirks.completions},
        {"suffix", &quirks.suffix},
        {"embeddings", &quirks.embeddings},
        {"json_schema", &quirks.json_schema},
        {"reasoning_content", &quirks.reasoning_content},
        {"count_tokens", &quirks.count_tokens},
        {"fim", &quirks.fim},
    };
    for (const auto [key, value] : object.members()) {
        const auto name = key.as_string();
        if (name == "completions_path" && value.is_string()) {
            quirks.completions_path = value.as_string();
            continue;
        }
        if (name == "completion_models" && value.is_array()) {
            for (const auto model : value.elements())
                quirks.completion_models.emplace_back(model.as_string());
            continue;
        }
        const auto* const flag = std::ranges::find(flags, name, &std::pair<std::string_view, bool*>::first);
        if (flag == std::end(flags) || !value.is_bool()) {
            return fail(Code::corrupt, fmt::format("unknown or wrong quirk '{}'.", name));
        }
        *flag->second = *value.as_bool();
    }
    return quirks;
}

std::optional<exchange::Kind> kind_from(std::string_view name) {
    for (std::size_t i = 0; i < exchange::kKinds; ++i) {
        const auto kind = static_cast<exchange::Kind>(i);
        if (exchange::kind_name(kind) == name) return kind;
    }
    return std::nullopt;
}

// {"dialect": "anthropic", "path": "/anthropic/v1", "auth_header": "x-api-key", "paths": {"rerank": "/v2/rerank"}}
Result<Wire> read_wire(json::Value value) {
    const auto dialect = wire::parse_dialect(value.get("dialect").as_string());
    if (!dialect) return fail(Code::corrupt, "'wires' names a dialect that is not known.");
    Wire wire;
    wire.dialect = *dialect;
    for (const auto [key, member] : value.members()) {
        const auto name = key.as_string();
        if (name == "path" && member.is_string()) {
            wire.path = std::string(member.as_string());
        } else if (name == "form" && member.is_string()) {
            wire.form = member.as_string();
        } else if (name == "auth_header" && member.is_string()) {
            wire.auth = Auth::header;
            wire.auth_header = member.as_string();
        } else if (name == "auth" && member.as_string() == "bearer") {
            wire.auth = Auth::bearer;
        } else if (name == "paths" && member.is_object()) {
            for (const auto [kind, path] : member.members()) {
                const auto which = kind_from(kind.as_string());
                if (!which) return fail(Code::corrupt, "'paths' names a kind that is not known.");
                wire.paths.emplace_back(*which, path.as_string());
            }
        } else if (name != "dialect") {
            return fail(Code::corrupt, fmt::format("unknown or wrong '{}' in 'wires'.", name));
        }
    }
    return wire;
}

// Wires, or names of dialects where there is nothing else to say; nothing means the one that most speak.
Result<std::vector<Wire>> read_wires(json::Value row) {
    std::vector<Wire> wires;
    for (const auto one : row.get("wires").elements()) {
        if (one.is_object()) {
            auto wire = read_wire(one);
            if (!wire) return fail(std::move(wire.error()));
            wires.push_back(std::move(*wire));
            continue;
        }
        const auto dialect = wire::parse_dialect(one.as_string());
        if (!dialect) return fail(Code::corrupt, "'wires' names a dialect that is not known.");
        wires.emplace_back().dialect = *dialect;
    }
    if (wires.empty()) wires.emplace_back();
    return wires;
}

// A bearer token; or "auth_header", a header that holds the bare key; "account": what may stand in for a key.
Result<void> read_auth(json::Value row, Provider& out) {
    if (const auto header = row.get("auth_header").as_string(); !header.empty()) {
        out.auth = Auth::header;
        out.auth_header = header;
    }
    const auto account = row.get("account").as_string();
    out.aws_service = row.get("aws_service").as_string();
    if (account == "aws") {
        out.account = Account::aws;
    } else if (account == "google") {
        out.account = Account::google;
    } else if (!account.empty()) {
        return fail(Code::corrupt, "'account' must be aws or google.");
    }
    if ((out.account == Account::aws) != !out.aws_service.empty())
        return fail(Code::corrupt, "'aws_service' belongs to the account aws.");
    return {};
}

// "OPENAI_BASE_URL", or {"name": "ANTHROPIC_BASE_URL", "append": "/v1"}.
Result<std::vector<AddressVariable>> read_addresses(json::Value row) {
    std::vector<AddressVariable> out;
    for (const auto one : row.get("base_url_env").elements()) {
        AddressVariable variable;
        variable.name = one.is_object() ? one.get("name").as_string() : one.as_string();
        variable.behind = one.get("append").as_string();
        if (variable.name.empty()) return fail(Code::corrupt, "'base_url_env' must name variables.");
        out.push_back(std::move(variable));
    }
    return out;
}

Result<void> read_lists(json::Value value, Provider& row) {
    auto keys = read_names(value, "key_env");
    if (!keys) return fail(std::move(keys.error()));
    auto catalogue = read_names(value, "catalogue");
    if (!catalogue) return fail(std::move(catalogue.error()));
    auto addresses = read_addresses(value);
    if (!addresses) return fail(std::move(addresses.error()));
    auto quirks = read_quirks(value.get("quirks"));
    if (!quirks) return fail(std::move(quirks.error()));
    auto wires = read_wires(value);
    if (!wires) return fail(std::move(wires.error()));
    if (auto auth = read_auth(value, row); !auth) return auth;
    row.catalogue = std::move(*catalogue);
    row.wires = std::move(*wires);
    row.key_env = std::move(*keys);
    row.base_url_env = std::move(*addresses);
    row.quirks = *std::move(quirks);
    return {};
}

Result<Provider> read_row(json::Value value) {
    Provider row;
    const auto text = [&](std::string_view key) { return std::string(value.get(key).as_string()); };
    for (const auto key : {"id", "name", "place", "source"}) {
        if (auto there = json::require_string(value, key); !there) return fail(std::move(there.error()));
    }
    row.id = text("id");
    row.name = text("name");
    row.source = text("source");
    row.prices = text("prices");
    row.default_model = text("default_model");
    row.key_optional = value.get("key_optional").as_bool().value_or(false);
    const auto place = place_from(text("place"));
    if (!place || *place == Place::local)
        return fail(Code::corrupt, "'place' must be loopback, lan or cloud.");
    row.place = *place;
    if (value.get("runtime")) {
        const auto runtime = runtime_from(text("runtime"));
        if (!runtime) return fail(Code::corrupt, "'runtime' is not known.");
        row.runtime = *runtime;
    }
    if (const auto address = text("base_url"); address.find('{') != std::string::npos) {
        row.base_template = address;
    } else if (value.get("base_url")) {
        auto base = parse_base(address, "base_url");
        if (!base) return fail(std::move(base.error()));
        row.base = std::move(*base);
    }
    if (auto lists = read_lists(value, row); !lists) return fail(std::move(lists.error()));
    return row;
}

}  // namespace

Result<text::Url> parse_base(std::string_view url, std::string_view what) {
    auto parsed = text::parse_url(url);
    if (!parsed) {
        return fail(Code::config, fmt::format("{} is not an address such as https://host/v1: {}", what,
                                              parsed.error()->message));
    }
    if (parsed->target.find('?') != std::string::npos) {
        return fail(Code::config, fmt::format("{} must not have a query.", what));
    }
    while (parsed->target.ends_with('/')) parsed->target.pop_back();
    return parsed;
}

Result<std::vector<Provider>> read_rows(std::string_view json_text) {
    json::Document document;
    auto root = document.parse(json_text);
    if (!root) return fail(corrupt("", root.error()));
    std::vector<Provider> rows;
    for (const auto value : root->get("providers").elements()) {
        auto row = read_row(value);
        if (!row) return fail(corrupt(value.get("id").as_string(), row.error()));
        rows.push_back(std::move(*row));
    }
    return rows;
}

}  // namespace hearth::provider
