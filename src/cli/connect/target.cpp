#include "cli/connect/target.h"

#include <fmt/format.h>

#include <charconv>

#include "models/store.h"

namespace hearth::cli::connect {

namespace {

// A listen address may be a wildcard; a client needs a concrete one.
std::string reachable(std::string authority) {
    for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
        if (authority.starts_with(any)) return "127.0.0.1:" + authority.substr(any.size());
    }
    return authority;
}

bool on_loopback(std::string_view origin) {
    const auto host = origin.substr(origin.find("://") + 3);
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

Result<std::string> listening_at(const Context& context, const config::Config& config) {
    if (const auto daemon = config::running_daemon(context.home); daemon && !daemon->address.empty())
        return "http://" + reachable(daemon->address);
    const auto& listen = config.server.listen.front();
    if (listen.port == 0) {
        return fail(Code::unavailable,
                    "Hearth chooses its port at start-up and is not running: start it first, or give --url.");
    }
    return "http://" + reachable(listen.to_string());
}

// The context size of a local model.
std::int64_t window_of(const Context& context, const config::Config& config, const std::string& model) {
    if (model.empty()) return 0;
    const models::Store store({.root = context.home.models().string(),
                               .builtin = {},
                               .discover = true,
                               .folders = config.engine.models_dirs});
    const auto found = store.resolve(model);
    if (!found) return 0;
    const auto made_for = static_cast<std::int64_t>(found->facts.context_length);
    return config.engine.context > 0 ? std::min(config.engine.context, made_for) : made_for;
}

}  // namespace

Result<std::string> origin_of(std::string_view url) {
    const auto wrong = [&] {
        return fail(Code::invalid_request,
                    "--url must be an address like http://127.0.0.1:4327 or https://hearth.example.");
    };
    std::string scheme = "http";
    if (const auto colon = url.find("://"); colon != std::string_view::npos) {
        scheme = url.substr(0, colon);
        url.remove_prefix(colon + 3);
    }
    while (url.ends_with('/')) url.remove_suffix(1);
    if (url.ends_with("/v1")) url.remove_suffix(3);
    while (url.ends_with('/')) url.remove_suffix(1);
    constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    if (url.empty() || url.find_first_not_of(kHost) != std::string_view::npos) return wrong();
    if (scheme != "http" && scheme != "https") return wrong();
    return fmt::format("{}://{}", scheme, url);
}

Result<Target> find_target(const Context& context, const Arguments& arguments) {
    if (!context.env.get("HOME"))
        return fail(Code::config, "HOME is not set: the tools' settings cannot be located.");
    const auto config = context.config();
    if (!config) return fail(config.error());
    Target target{.key = arguments.value("--key").value_or(""),
                  .model = arguments.value("--model").value_or(""),
                  .fast_model = arguments.value("--fast-model").value_or(""),
                  .env = context.env};
    for (const auto* text : {&target.key, &target.model, &target.fast_model}) {
        for (const char c : *text) {
            if (static_cast<unsigned char>(c) > 0x20 && c != 0x7f) continue;
            return fail(Code::invalid_request,
                        "A key or model name must not contain spaces or control characters.");
        }
    }
    const auto url = arguments.value("--url");
    auto origin = url ? origin_of(*url) : listening_at(context, **config);
    if (!origin) return fail(std::move(origin.error()));
    target.origin = std::move(*origin);
    if (const auto given = arguments.value("--context")) {
        const auto [end, bad] = std::from_chars(given->data(), given->data() + given->size(), target.context);
        if (bad != std::errc{} || end != given->data() + given->size() || target.context < 1024 ||
            target.context > 100'000'000) {
            return fail(Code::invalid_request, "--context must be a number of tokens, at least 1024.");
        }
    } else {
        target.context = window_of(context, **config, target.model);
    }
    if (target.key.empty() && ((*config)->server.require_keys || !on_loopback(target.origin))) {
        return fail(Code::unauthenticated,
                    "Hearth requires a key there. `hearth key add NAME` creates one, --key KEY passes it to "
                    "the tool.");
    }
    return target;
}

}  // namespace hearth::cli::connect
