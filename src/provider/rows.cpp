#include "provider/rows.h"

#include <fmt/format.h>

#include <iterator>

#include "text/json_require.h"

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
    };
    for (const auto [key, value] : object.members()) {
        const auto name = key.as_string();
        if (name == "completions_path" && value.is_string()) {
            quirks.completions_path = value.as_string();
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

// "responses", or {"dialect": "anthropic", "path": "/anthropic/v1"}; nothing means the one that most speak.
Result<std::vector<Wire>> read_wires(json::Value row) {
    std::vector<Wire> wires;
    for (const auto one : row.get("wires").elements()) {
        const auto dialect =
            exchange::parse_dialect(one.is_object() ? one.get("dialect").as_string() : one.as_string());
        if (!dialect) return fail(Code::corrupt, "'wires' names a dialect that is not known.");
        Wire wire{*dialect, std::nullopt};
        if (one.get("path").is_string()) wire.path = std::string(one.get("path").as_string());
        wires.push_back(std::move(wire));
    }
    if (wires.empty()) wires.emplace_back();
    return wires;
}

// "bearer" or the name of a header that holds the bare key.
void read_auth(json::Value row, Provider& out) {
    const auto header = row.get("auth_header").as_string();
    if (header.empty()) return;
    out.auth = Auth::header;
    out.auth_header = header;
}

Result<void> read_lists(json::Value value, Provider& row) {
    auto keys = read_names(value, "key_env");
    if (!keys) return fail(std::move(keys.error()));
    auto addresses = read_names(value, "base_url_env");
    if (!addresses) return fail(std::move(addresses.error()));
    auto quirks = read_quirks(value.get("quirks"));
    if (!quirks) return fail(std::move(quirks.error()));
    auto wires = read_wires(value);
    if (!wires) return fail(std::move(wires.error()));
    read_auth(value, row);
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
    if (value.get("base_url")) {
        auto base = parse_base(text("base_url"), "base_url");
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
