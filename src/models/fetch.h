#pragma once
// One GET as downloads need it: a permit for each host, redirects, credentials sent to their own host only, and readable
// errors. Internal to this room.
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "client/client.h"
#include "models/pull.h"
#include "text/url.h"

namespace hearth::models {

inline constexpr int kRedirects = 8;

struct Range {
    std::uint64_t from = 0;
    std::string etag;  // If-Range; empty: without it
};

struct Fetched {
    std::unique_ptr<client::Response> response;
    // Of the first response, from the requested host: Hugging Face's metadata of a file that another host stores.
    std::string linked_sha256;
    std::uint64_t linked_bytes = 0;
};

class Fetcher {
  public:
    // `token` is for `home` only, and there only over TLS or to this machine.
    Fetcher(client::Sender& client, const PullOptions& options, text::Url home, std::string token)
        : client_(client), options_(options), home_(std::move(home)), token_(std::move(token)) {}

    // Any 2xx; 416 when a range was requested. Others are errors: unauthenticated (401, 403), not_found, rate_limited,
    // upstream_rejected, upstream_failed.
    [[nodiscard]] Task<Result<Fetched>> get(text::Url url, std::optional<Range> range, StopToken stop);
    // A small JSON response, whole. `next` gets the URL of the next page (RFC 8288 Link, rel="next"), or stays empty.
    [[nodiscard]] Task<Result<std::string>> get_text(text::Url url, std::string* next, StopToken stop);

    [[nodiscard]] const text::Url& home() const { return home_; }

  private:
    [[nodiscard]] bool may_send_token(const text::Url& url) const;
    client::Sender& client_;
    const PullOptions& options_;
    text::Url home_;
    std::string token_;
};

// The target of a redirect. Code::upstream_failed for none, a malformed one, or one from https to http.
[[nodiscard]] Result<text::Url> redirected(const text::Url& from, std::string_view location);

}  // namespace hearth::models
