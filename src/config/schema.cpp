#include "config/schema.h"

#include "config/rules.h"

namespace hearth::config {

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

Field listens(std::vector<Listen>& out) {
    const auto set = [&out](const Node& node) {
        std::vector<std::string> values;
        if (auto wrong = set_texts(
                node, [](std::string_view) { return std::string(); }, values);
            !wrong.empty()) {
            return std::string("a list of HOST:PORT");
        }
        std::vector<Listen> listens;
        for (const auto& value : values) {
            Listen one;
            if (auto wrong = rules::listen(value, one); !wrong.empty()) return wrong;
            listens.push_back(std::move(one));
        }
        if (listens.empty() || listens.size() > 16) return std::string("1 to 16 addresses");
        out = std::move(listens);
        return std::string();
    };
    return {.name = "listen", .set = set, .list = true, .storage = storage_of(out)};
}

Field places(std::string_view name, std::vector<Place>& out) {
    const auto set = [&out](const Node& node) {
        std::vector<std::string> values;
        auto wrong = set_texts(node, rules::place, values);
        if (!wrong.empty()) return wrong;
        out.clear();
        for (const auto& value : values) out.push_back(*place_from(value));
        return wrong;
    };
    return {.name = name, .set = set, .storage = storage_of(out)};
}

template <class Out>
Field verdict(std::string_view name, Out& out) {
    return choice<Decision>(name, out, {{"allow", Decision::allow}, {"deny", Decision::deny}});
}

template <class Out>
std::vector<Field> timeouts(Out& connect, Out& first_token, Out& answer, Out& stall) {
    using std::chrono::milliseconds;
    return {duration<milliseconds>("connect_ms", connect, 1, 600'000),
            duration<milliseconds>("first_token_ms", first_token, 1, 3'600'000),
            duration<milliseconds>("answer_ms", answer, 1, 86'400'000),
            duration<milliseconds>("stall_ms", stall, 1, 3'600'000)};
}

std::vector<Field> server_fields(Server& server) {
    return {restart(listens(server.listen)),
            restart(integer("max_connections", server.max_connections, 1, 1'000'000)),
            restart(integer("max_body_mb", server.max_body_bytes, 1, 1024, kMiB)),
            restart(duration<seconds>("head_timeout_s", server.head_timeout, 1, 600)),
            restart(duration<seconds>("body_timeout_s", server.body_timeout, 1, 3600)),
            restart(duration<seconds>("idle_timeout_s", server.idle_timeout, 1, 86'400)),
            restart(duration<seconds>("total_timeout_s", server.total_timeout, 0, 604'800)),
            duration<seconds>("shutdown_timeout_s", server.shutdown_timeout, 0, 3600),
            duration<milliseconds>("keep_alive_after_ms", server.keep_alive_after, 0, 3'600'000),
            texts("allowed_hosts", server.allowed_hosts, rules::host),
            texts("allowed_origins", server.allowed_origins, rules::origin),
            boolean("require_keys", server.require_keys)};
}

std::vector<Field> client_fields(Client& client, const std::filesystem::path& base) {
    auto fields = timeouts(client.timeouts.connect, client.timeouts.first_token, client.timeouts.answer,
                           client.timeouts.stall);
    fields.push_back(restart(integer("idle_connections", client.idle_connections, 0, 4096)));
    fields.push_back(restart(duration<seconds>("idle_timeout_s", client.idle_timeout, 1, 3600)));
    fields.push_back(path("ca_file", client.ca_file, base));
    fields.push_back(restart(boolean("proxy_from_environment", client.proxy_from_environment)));
    fields.push_back(restart(boolean("watch_local_servers", client.watch_local_servers)));
    return fields;
}

std::vector<Field> route_fields(Route& route) {
    Field fallback{.name = "fallback", .set = {}, .storage = storage_of(route.fallback)};
    fallback.each = [&route](const std::string& key, const Node& node) {
        std::vector<std::string> values;
        auto wrong = rules::model(key).empty()
                         ? set_texts(node, rules::model, values)
                         : std::string("under the name of a model, in quotes: \"openai/gpt-5.5\"");
        if (wrong.empty()) route.fallback.insert_or_assign(key, std::move(values));
        return wrong;
    };
    Field aliases{.name = "aliases", .set = {}, .storage = storage_of(route.aliases)};
    aliases.each = [&route](const std::string& key, const Node& node) {
        const auto prefix = key.ends_with('*') ? key.substr(0, key.size() - 1) : key;
        std::string value;
        auto wrong =
            prefix.empty() || rules::model(prefix).empty()
                ? text("", value, rules::model).set(node)
                : std::string("under a model's name or its beginning with '*', in quotes: \"claude-*\"");
        if (wrong.empty()) route.aliases.insert_or_assign(key, std::move(value));
        return wrong;
    };
    return {texts("auto", route.automatic, rules::model),
            text("local", route.local, rules::model),
            texts("cloud", route.cloud, rules::model),
            integer("max_attempts", route.max_attempts, 1, 32),
            integer("circuit_failures", route.circuit_failures, 1, 1000),
            duration<seconds>("circuit_open_s", route.circuit_open, 1, 3600),
            std::move(fallback),
            std::move(aliases)};
}

std::vector<Field> engine_fields(Engine& engine, const std::filesystem::path& base) {
    return {restart(integer("context", engine.context, 0, 16'777'216)),
            restart(integer("parallel", engine.parallel, 1, 256)),
            restart(integer("threads", engine.threads, 0, 1024)),
            restart(duration<seconds>("idle_unload_s", engine.idle_unload, 0, 604'800)),
            restart(duration<seconds>("load_timeout_s", engine.load_timeout, 1, 3600)),
            restart(integer("memory_limit_mb", engine.memory_limit_bytes, 0, 16'777'216, kMiB)),
            paths("models_dirs", engine.models_dirs, base),
            restart(boolean("require_confinement", engine.require_confinement))};
}

}  // namespace

std::vector<Section> fixed_sections(Config& config, const std::filesystem::path& base) {
    using telemetry::Format;
    using telemetry::Level;
    auto& policy = config.policy;
    std::vector<Section> sections;
    sections.push_back({"server", server_fields(config.server)});
    sections.push_back(
        {"policy",
         {boolean("offline", policy.offline), verdict("default", policy.fallback),
          verdict("cloud", policy.cloud), verdict("lan", policy.lan), verdict("loopback", policy.loopback)}});
    sections.push_back({"client", client_fields(config.client, base)});
    sections.push_back({"route", route_fields(config.route)});
    sections.push_back(
        {"responses", restart({integer("max_mb", config.responses.max_bytes, 0, 65'536, kMiB),
                               duration<seconds>("keep_s", config.responses.keep, 1, 31'536'000),
                               boolean("on_disk", config.responses.on_disk)})});
    sections.push_back(
        {"files", restart({duration<std::chrono::days>("keep_days", config.files.keep, 1, 3650),
                           integer("max_mb", config.files.max_bytes, 0, 16'777'216, kMiB)})});
    sections.push_back({"engine", engine_fields(config.engine, base)});
    sections.push_back(
        {"ledger",
         restart({text("store", config.ledger.store, rules::id), path("path", config.ledger.path, base),
                  choice<Synchronous>("synchronous", config.ledger.synchronous,
                                      {{"normal", Synchronous::normal}, {"full", Synchronous::full}})})});
    sections.push_back(
        {"log",
         {choice<Level>("level", config.log.level,
                        {{"debug", Level::debug},
                         {"info", Level::info},
                         {"warn", Level::warn},
                         {"error", Level::error},
                         {"off", Level::off}}),
          choice<Format>("format", config.log.format, {{"text", Format::text}, {"json", Format::json}}),
          restart(path("file", config.log.file, base))}});
    return sections;
}

std::vector<Field> project_fields(Project& project) {
    return {texts("allow_providers", project.allow_providers, rules::id),
            texts("deny_providers", project.deny_providers, rules::id),
            places("allow_places", project.allow_places), places("deny_places", project.deny_places)};
}

std::vector<Field> provider_fields(Provider& provider, const std::filesystem::path& base) {
    Field headers{.name = "headers", .set = {}, .quiet = true, .storage = storage_of(provider.headers)};
    headers.each = [&provider](const std::string& key, const Node& node) {
        auto wrong = rules::header_name(key);
        if (!wrong.empty()) return wrong;
        if (node.kind != Node::Kind::string) return std::string("a string");
        wrong = rules::header_value(node.text);
        if (wrong.empty()) provider.headers.emplace_back(key, node.text);
        return wrong;
    };
    Field limits{.name = "timeouts", .set = {}};
    limits.members = timeouts(provider.connect, provider.first_token, provider.answer, provider.stall);
    return {text("base_url", provider.base_url, rules::base_url),
            text("dialect", provider.dialect, rules::dialect),
            choice<Place>("place", provider.place,
                          {{"local", Place::local},
                           {"loopback", Place::loopback},
                           {"lan", Place::lan},
                           {"cloud", Place::cloud}}),
            quiet(text("key_env", provider.key_env, rules::variable)),
            path("key_file", provider.key_file, base),
            texts("models", provider.models, rules::model_pattern),
            boolean("enabled", provider.enabled),
            boolean("pass_client_credentials", provider.pass_client_credentials),
            verdict("policy", provider.policy),
            std::move(headers),
            std::move(limits)};
}

}  // namespace hearth::config
