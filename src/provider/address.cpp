#include "provider/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::provider {

namespace {

constexpr std::uint16_t kOllamaPort = 11434;

// OLLAMA_HOST is what the server binds to as well: "0.0.0.0", "host", "host:port", ":port" or a URL without /v1.
std::string ollama_url(std::string_view value) {
    std::string url(value);
    if (url.find("://") == std::string::npos) url = "http://" + url;
    auto rest = url.substr(url.find("://") + 3);
    const auto scheme = url.substr(0, url.find("://"));
    while (rest.ends_with('/')) rest.pop_back();
    if (rest.starts_with(':')) rest = "127.0.0.1" + rest;
    if (rest.starts_with("0.0.0.0")) rest.replace(0, 7, "127.0.0.1");
    const bool has_port = rest.rfind(':') != std::string::npos && rest.rfind(':') > rest.rfind(']') + 1;
    const bool has_path = rest.find('/') != std::string::npos;
    if (!has_port && !has_path && scheme == "http") rest += fmt::format(":{}", kOllamaPort);
    if (!has_path) rest += "/v1";
    return scheme + "://" + rest;
}

// "https://api.anthropic.com" and "https://api.anthropic.com/" mean ".../v1".
std::string with_end(std::string url, std::string_view behind) {
    while (url.ends_with('/')) url.pop_back();
    if (!url.ends_with(behind)) url += behind;
    return url;
}

bool may_stand_in_address(std::string_view value) {
    return value.size() <= 128 && std::ranges::all_of(value, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.' || c == ':';
           });
}

struct Filled {
    std::string value, from;
};

Filled value_of(std::string_view names, const config::Environment& env, std::string_view project) {
    const auto equals = std::min(names.find('='), names.size());
    const auto otherwise = equals < names.size() ? names.substr(equals + 1) : std::string_view{};
    const auto all = names.substr(0, equals);
    for (std::size_t at = 0; at < all.size();) {
        const auto end = std::min(all.find('|', at), all.size());
        const auto name = all.substr(at, end - at);
        if (auto value = env.get(name)) return {std::move(*value), std::string(name)};
        at = end + 1;
    }
    const auto first = all.substr(0, all.find('|'));
    if (first == "GOOGLE_CLOUD_PROJECT" && !project.empty())
        return {std::string(project), "the service account's project_id"};
    return {std::string(otherwise), std::string(first)};
}

}  // namespace

std::optional<FoundAddress> address_from(const std::vector<AddressVariable>& variables,
                                         const config::Environment& env) {
    for (const auto& variable : variables) {
        auto value = env.get(variable.name);
        if (!value) continue;
        if (variable.name == "OLLAMA_HOST") return FoundAddress{ollama_url(*value), variable.name};
        if (variable.behind.empty()) return FoundAddress{std::move(*value), variable.name};
        return FoundAddress{with_end(std::move(*value), variable.behind), variable.name};
    }
    return std::nullopt;
}

Result<FilledAddress> fill_address(std::string_view pattern, const config::Environment& env,
                                   std::string_view project) {
    FilledAddress out;
    while (!pattern.empty()) {
        const auto open = std::min(pattern.find('{'), pattern.size());
        out.url += pattern.substr(0, open);
        if (open == pattern.size()) break;
        const auto close = std::min(pattern.find('}', open), pattern.size() - 1);
        auto [value, from] = value_of(pattern.substr(open + 1, close - open - 1), env, project);
        pattern.remove_prefix(close + 1);
        if (value.empty() && out.missing.empty()) out.missing = from;
        if (!may_stand_in_address(value)) {
            return fail(Code::config,
                        fmt::format("{} holds characters that may not stand in an address.", from));
        }
        out.url += value;
    }
    // Google's name for "wherever there is room" is no prefix of a host.
    constexpr std::string_view kGlobal = "://global-aiplatform.";
    if (const auto at = out.url.find(kGlobal); at != std::string::npos)
        out.url.replace(at, kGlobal.size(), "://aiplatform.");
    return out;
}

void move_wires(Provider& row, const text::Url& base) {
    if (row.wires.size() < 2 || !row.base) return;  // an address of one's own was expected
    if (row.runtime == Runtime::none) {
        row.wires.resize(1);
        return;
    }
    const bool beside = base.target.ends_with(row.base->target);
    const auto before = beside ? base.target.substr(0, base.target.size() - row.base->target.size()) : "";
    if (!beside) std::erase_if(row.wires, [](const Wire& wire) { return wire.path.has_value(); });
    for (auto& wire : row.wires) {
        if (wire.path) wire.path = before + *wire.path;
    }
}

}  // namespace hearth::provider
