#pragma once
// A provider is a row of data: where it is, which dialect it speaks, how it is paid, what it is known to do
// differently. The rows come from catalog/providers.json (embedded), changed by configuration and
// environment. Opens no sockets.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/place.h"
#include "base/secret.h"
#include "config/config.h"
#include "exchange/request.h"
#include "provider/google_account.h"
#include "provider/signing.h"
#include "text/url.h"

namespace hearth::provider {

enum class Auth : std::uint8_t {
    none,
    bearer,  // authorization: Bearer KEY
    header,  // `auth_header`: KEY
};

// What stands in for a key where there is none.
enum class Account : std::uint8_t {
    none,
    aws,     // each request is signed (provider/signing.h)
    google,  // a service account gets tokens that last an hour (provider/google_account.h)
};

// Which program answers at a local address: what discovery asks for (provider/discover.h).
enum class Runtime : std::uint8_t { none, ollama, lmstudio, llama_server, vllm };

// What is known about an OpenAI-compatible provider beyond the dialect. True means: sends or takes it.
struct Quirks {
    bool stream_options = true;          // takes stream_options.include_usage
    bool max_completion_tokens = false;  // wants it in place of max_tokens
    bool developer_role = false;         // takes role "developer"; else it is sent as "system"
    bool n = true;                   // takes n > 1; else the router prefers other models for such requests
    bool completions = true;         // has /completions
    bool suffix = false;             // /completions takes suffix (fill in the middle)
    bool embeddings = true;          // has /embeddings
    bool json_schema = true;         // takes response_format json_schema
    bool reasoning_content = false;  // takes earlier thinking back as reasoning_content
    bool count_tokens = true;        // counts tokens, where its dialect has an endpoint for that
    bool fim = false;  // completions are Mistral's fill in the middle: answers in a chat's shape
    std::vector<std::string> completion_models;     // names or prefixes that complete; empty: all
    std::string completions_path = "/completions";  // under the base path
};

// One dialect that a provider speaks, and where.
struct Wire {
    exchange::Dialect dialect = exchange::Dialect::openai;
    std::optional<std::string> path;  // in place of the base's own path: "/anthropic/v1"
    std::string form;                 // a way of its own ("vertex": wire/anthropic/vertex.h); empty: none
    std::optional<Auth> auth;         // in place of the provider's
    std::string auth_header;          // with Auth::header
    std::vector<std::pair<exchange::Kind, std::string>>
        paths;  // endpoints that stand elsewhere, from the root: rerank "/v2/rerank"

    [[nodiscard]] const std::string* path_of(exchange::Kind kind) const;
};

// An address variable whose value is not the base path itself: "/v1" belongs behind ANTHROPIC_BASE_URL.
struct AddressVariable {
    std::string name;
    std::string behind;  // appended unless the address ends with it
};

struct Provider {
    std::string id, name;
    std::vector<Wire> wires;        // at least one; the first is what other dialects are translated into
    std::optional<text::Url> base;  // target is the base path without trailing slash: "/v1", or "" for none
    Place place = Place::cloud;
    Auth auth = Auth::bearer;
    std::string auth_header;  // lower case, Auth::header only
    Account account = Account::none;
    bool key_optional = false;                  // answers without a key too (servers on this machine)
    std::vector<std::string> key_env;           // in order of precedence
    std::vector<AddressVariable> base_url_env;  // in order of precedence
    std::string base_template;  // an address with variables in it: "https://x.{AWS_REGION}.amazonaws.com"
    std::string missing;        // the variable that the template lacks
    std::string prices;         // id in the price book; empty: prices unknown
    std::string source;         // page that the address is taken from
    Runtime runtime = Runtime::none;
    Quirks quirks;
    std::string
        default_model;  // what `cloud` and `auto` ask here when nothing is configured; empty = not asked
    std::vector<std::string>
        catalogue;  // which of the catalogue's models this address serves: names, prefixes with '*', "!name" for not
    std::vector<std::string> models;  // configured names or prefixes ending in '*'; empty = no restriction
    std::vector<std::pair<std::string, Secret>> headers;  // configured; sent with each request
    bool enabled = true;
    bool custom = false;                   // by configuration only
    bool moved = false;                    // address changed by configuration or environment
    bool pass_client_credentials = false;  // the client's own Authorization is forwarded, and only here
    Secret key;                            // empty: none found
    std::string key_from;                  // "OPENAI_API_KEY", or the file's name
    std::string aws_service;               // Account::aws: what signatures are made for
    std::optional<AwsAccount> aws;         // Account::aws without a key
    std::optional<GoogleAccount> google;   // Account::google without a key
    std::string credential_error;          // a sentence: credentials were found that cannot be used

    // The key is not in the common head: something is added to each request.
    [[nodiscard]] bool authenticates_each_request() const { return key.empty() && (aws || google); }
    [[nodiscard]] bool has_secret() const;
    [[nodiscard]] bool serves(std::string_view model) const;  // by `catalogue`
    // Why it cannot be used now, a sentence that says what to do ("set OPENAI_API_KEY …"); empty = ready.
    [[nodiscard]] std::string not_ready() const;
    [[nodiscard]] bool offers(std::string_view model) const;  // by `models`
};

class Registry {
  public:
    // Catalogue, then [providers.*], then *_BASE_URL of the environment where the configuration names no
    // base_url. `own` are our own listening addresses: an address that is this Hearth itself is ignored with
    // a warning. Errors: Code::config with the provider and key at fault. Missing keys and addresses are not
    // errors (not_ready).
    [[nodiscard]] static Result<Registry> build(const config::Config& config, const config::Environment& env);

    [[nodiscard]] const Provider* find(std::string_view id) const;
    [[nodiscard]] const std::vector<Provider>& all() const {
        return providers_;
    }  // catalogue order, then custom by name
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    std::vector<Provider> providers_;
    std::vector<std::string> warnings_;
};

// 127.0.0.0/8, ::1, "localhost" and names under it.
[[nodiscard]] bool is_loopback_host(std::string_view host);

// The key in a file: its first line. Error (config): missing, empty, over 16 KiB, or readable by others (mode
// & 007).
struct KeyFile {
    Secret key;
    std::string warning;  // readable by the group
};
[[nodiscard]] Result<KeyFile> read_key_file(const std::filesystem::path& path);
// The same, but all of it: a Google service account.
[[nodiscard]] Result<KeyFile> read_secret_file(const std::filesystem::path& path);

// "gpt-5*" fits names that begin so; a pattern without '*' fits itself.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view name);

}  // namespace hearth::provider
