#pragma once
// Configuration: TOML -> a typed, checked, immutable snapshot. Flags win over the environment (HEARTH_*),
// which wins over the file, which wins over the defaults written here. Unknown keys are errors and name the
// nearest known one. docs/configuration.md describes every key; a test parses its examples.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/place.h"
#include "config/environment.h"
#include "config/home.h"
#include "telemetry/log.h"

namespace hearth::config {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::uint16_t kDefaultPort = 4327;

// HOST:PORT to listen on. host is an IPv4 or IPv6 literal (no brackets) or "localhost"; port 0 lets the
// kernel choose.
struct Listen {
    std::string host = "127.0.0.1";
    std::uint16_t port = kDefaultPort;
    bool operator==(const Listen&) const = default;
    [[nodiscard]] bool loopback() const;          // 127.0.0.0/8, ::1, localhost
    [[nodiscard]] std::string to_string() const;  // "127.0.0.1:4327", "[::1]:4327"
};

struct Server {
    std::vector<Listen> listen{Listen{}};
    std::size_t max_connections = limits::kConnections;
    std::size_t max_body_bytes = limits::kBodyBytes;  // max_body_mb
    milliseconds head_timeout{10'000};                // head_timeout_s: a whole request head
    milliseconds body_timeout{120'000};               // body_timeout_s: a whole request body
    milliseconds idle_timeout{75'000};                // idle_timeout_s: between requests
    milliseconds total_timeout{3'600'000};   // total_timeout_s: one request with its answer; 0 = none
    milliseconds shutdown_timeout{30'000};   // shutdown_timeout_s: how long open streams may finish
    std::vector<std::string> allowed_hosts;  // Host values beyond loopback names and the listen addresses
    std::vector<std::string>
        allowed_origins;  // Origin values a browser page may have ("https://app.example")
    milliseconds keep_alive_after{
        5'000};                 // keep_alive_after_ms: a stream's head and a sign of life when no content
                                // has come for so long, and again after as long; 0 = never
    bool require_keys = false;  // ask for a key on loopback too; other addresses always ask
};

enum class Decision : std::uint8_t { deny, allow };

// What may leave; privacy::Gate decides with it. A deny, of a project, provider or place, is never lifted by
// an allow elsewhere, but a provider's or project's allow wins over a place that only defaults to deny.
struct Policy {
    bool offline = false;                          // nothing but local and loopback
    std::optional<Decision> cloud, lan, loopback;  // as configured; local is always allowed
    std::optional<Decision> fallback;              // `default`: for places that are not named
    // The place's verdict: offline, then the named place, then `default`, then: cloud and loopback allow, lan
    // deny.
    [[nodiscard]] Decision of(Place place) const;
};

// [projects.NAME]: who may be asked for this project's requests. A key names its project; requests without:
// "default".
struct Project {
    std::string name;
    std::vector<std::string> allow_providers,
        deny_providers;                            // provider ids; a non-empty allow list is exhaustive
    std::vector<Place> allow_places, deny_places;  // likewise
};

struct Timeouts {
    milliseconds connect{5'000};       // DNS, TCP and TLS of one attempt
    milliseconds first_token{60'000};  // streamed: from sent request to the first content event
    milliseconds answer{600'000};      // not streamed: from sent request to the whole answer
    milliseconds stall{60'000};        // streamed: between two reads
};

// [providers.NAME]: changes a provider of the catalogue or adds one. Unset fields keep the catalogue's.
struct Provider {
    std::string id;
    std::string base_url;  // http(s)://host[:port][/path]; empty = the catalogue's
    std::string dialect;   // "anthropic"; empty = the catalogue's, for a custom provider "openai"
    std::optional<Place>
        place;            // a custom provider is cloud unless said; never makes a catalogue's row less strict
    std::string key_env;  // name of the variable with the key; empty = the catalogue's
    std::filesystem::path key_file;  // first line is the key; relative to the configuration file's folder
    std::vector<std::string>
        models;  // names, or prefixes ending in '*'; empty = whatever the provider or catalogue lists
    std::vector<std::pair<std::string, std::string>> headers;  // sent with each request; values may be secret
    bool enabled = true;
    bool pass_client_credentials = false;  // forward the client's own Authorization instead of a key of ours
    std::optional<Decision> policy;
    std::optional<milliseconds> connect, first_token, answer,
        stall;  // [providers.NAME.timeouts] connect_ms ...
    [[nodiscard]] Timeouts timeouts(const Timeouts& defaults) const;
};

// Outbound connections.
struct Client {
    Timeouts timeouts;                   // connect_ms, first_token_ms, answer_ms, stall_ms
    std::size_t idle_connections = 256;  // kept per upstream
    milliseconds idle_timeout{60'000};   // idle_timeout_s
    std::filesystem::path ca_file;       // extra trust anchors (PEM); empty = the system's store alone
    bool proxy_from_environment = true;  // http_proxy, https_proxy, all_proxy, no_proxy
    bool watch_local_servers = true;     // look for Ollama, LM Studio, llama-server, vLLM on loopback
};

// Answers of /v1/responses that are kept for previous_response_id.
struct Responses {
    std::size_t max_bytes = std::size_t{64} << 20;  // max_mb
    seconds keep{3600};                             // keep_s
    bool on_disk = false;                           // in $HEARTH_HOME/responses as well
};

// Files and batches of /v1/files and /v1/batches that are kept here, in $HEARTH_HOME/files.
struct Files {
    seconds keep{30 * 86'400};                        // keep_days: unless the upload says something else
    std::size_t max_bytes = std::size_t{1024} << 20;  // max_mb: all of them together
};

struct Route {
    std::vector<std::string> automatic{"local",
                                       "cloud"};  // `auto`: candidates in order: local, cloud or model names
    std::string local;  // what `local` means; empty = the best local model that is there, spark last
    std::vector<std::string>
        cloud;  // what `cloud` means, in order; empty = each provider with a key, catalogue order
    std::map<std::string, std::vector<std::string>> fallback;  // [route.fallback] "openai/gpt-5.5" = ["..."]
    // [route.aliases] "claude-*" = "local": what clients ask for by another name; a name or a prefix ending in '*'
    std::map<std::string, std::string> aliases;
    std::size_t max_attempts = 4;       // candidates tried for one request
    std::size_t circuit_failures = 5;   // failures in a row that open an upstream's circuit
    milliseconds circuit_open{30'000};  // circuit_open_s: before one request may try again
};

struct Engine {
    std::int64_t context = 0;   // tokens per sequence; 0 = the model's own, at most what memory allows
    std::int32_t parallel = 4;  // sequences per worker
    std::int32_t threads = 0;   // 0 = one per physical core
    seconds idle_unload{600};   // idle_unload_s: 0 = never
    seconds load_timeout{300};  // load_timeout_s
    std::int64_t memory_limit_bytes =
        0;  // memory_limit_mb: all workers together; 0 = 80 % of what is free at start
    std::vector<std::filesystem::path> models_dirs;  // searched beside $HEARTH_HOME/models
    bool require_confinement = false;  // refuse to load a model when the worker reports confinement `none`
};

enum class Synchronous : std::uint8_t { normal, full };
struct Ledger {
    std::string store = "sqlite";                   // a name of store::backends(), checked where it is opened
    std::filesystem::path path;                     // empty = $HEARTH_HOME/ledger.db
    Synchronous synchronous = Synchronous::normal;  // full survives power loss too
};

struct Log {
    telemetry::Level level = telemetry::Level::info;
    telemetry::Format format = telemetry::Format::text;
    std::filesystem::path file;  // empty = stderr
};

struct Config {
    Home home;
    std::filesystem::path file;  // what was read; empty when there was none
    Server server;
    Policy policy;
    std::map<std::string, Project, std::less<>> projects;
    std::map<std::string, Provider, std::less<>> providers;
    Client client;
    Route route;
    Responses responses;
    Files files;
    Engine engine;
    Ledger ledger;
    Log log;

    [[nodiscard]] std::filesystem::path ledger_path() const;
};
using Snapshot = std::shared_ptr<const Config>;

// One finding in a configuration. line and column are 1-based; 0 for a variable or flag, which `where` then
// names.
struct Diagnostic {
    std::string where;  // "hearth.toml", "HEARTH_LISTEN", "--listen"
    std::uint32_t line = 0, column = 0;
    std::string message;  // "unknown key \"lisen\" in [server]; did you mean \"listen\"?"
    std::string excerpt;  // the line of the file, for people; empty when there is none
    [[nodiscard]] std::string to_string() const;  // "hearth.toml:3:1: unknown key ..."
};

// What the command line adds; unset fields say nothing.
struct Flags {
    std::optional<std::filesystem::path> file;  // --config; must exist
    std::vector<std::string> listen;            // --listen HOST:PORT, replaces the list
    bool offline = false;                       // --offline; cannot be taken back by the file
    std::optional<std::string> log_level;
};

struct Report {
    Snapshot config;  // null when there are errors
    std::vector<Diagnostic> errors, warnings;
};

// Reads --config, else $HEARTH_CONFIG, else $HEARTH_HOME/hearth.toml if it is there. Reports every error it
// finds.
[[nodiscard]] Report check(const Home& home, const Environment& env, const Flags& flags);
// The same for text at hand; `name` stands for the file in diagnostics.
[[nodiscard]] Report check_text(const Home& home, const Environment& env, const Flags& flags,
                                std::string_view toml, std::string_view name);
// check() as one value. Error (config): the first finding and how many more there are.
[[nodiscard]] Result<Snapshot> load(const Home& home, const Environment& env, const Flags& flags);

}  // namespace hearth::config
