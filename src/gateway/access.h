#pragma once
// Who may speak to Hearth at all: Host and Origin against rebinding and cross-site posts, keys, and the hop count
// against loops. Decided from the head alone, before a byte of the body is read.
//
// Host (RFC 9110 section 7.2): a page that has rebound its own name to 127.0.0.1 still sends that name. Accepted are
// loopback names, the addresses listened on, IP literals when listening on all addresses, and [server] allowed_hosts.
// Origin (RFC 6454): absent (no browser), same origin, a loopback page, an editor's own scheme, or allowed_origins.
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "config/config.h"
#include "config/keys.h"
#include "http/head.h"
#include "net/address.h"
#include "pipeline/caller.h"
#include "upstream/settings.h"

namespace hearth::gateway {

using pipeline::Caller;

class Access {
  public:
    // `settings`: the current ones, which a reload replaces.
    Access(const upstream::SettingsPtr& settings, config::KeyStore keys, Clock& clock);
    // After a reload: what was found out about the old settings is forgotten.
    void settings_changed();

    // Errors: forbidden (Host, Origin), unauthenticated (key), loop_detected (hops), invalid_request.
    [[nodiscard]] Result<Caller> admit(const http::RequestHead& head, const net::Address& peer);

    // The value for access-control-allow-origin, when the request came from a page that may read the answer.
    [[nodiscard]] std::optional<std::string> cors_origin(const http::RequestHead& head) const;

  private:
    [[nodiscard]] bool host_allowed(const http::RequestHead& head) const;
    [[nodiscard]] bool origin_allowed(std::string_view origin, const http::RequestHead& head) const;
    void reload_keys();

    [[nodiscard]] const config::Config& config() const { return settings_->config; }

    const upstream::SettingsPtr& settings_;
    config::KeyStore keys_;
    Clock& clock_;
    std::string known_host_;  // the last one that was allowed: a client says the same in each of its requests
    Mono next_key_check_{};
    bool any_address_ = false;  // listening on 0.0.0.0 or ::
};

// "openai-node" of "OpenAI/JS 7.57.0": lower-case letters, digits, '-' and '/', at most 40 bytes.
[[nodiscard]] std::string client_family(std::string_view user_agent);

}  // namespace hearth::gateway
