#pragma once
// What every exchange with an upstream has in common: deadlines, authentication, clearing, sending, judging the status.
#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "base/stop.h"
#include "net/loop.h"
#include "pipeline/backends/backend.h"

namespace hearth::pipeline {

// A client that disconnects and a first token that does not come in time both end the exchange through one token.
class UpstreamStop {
  public:
    UpstreamStop(Ports& ports, const RequestContext& context, const upstream::Upstream& upstream);
    [[nodiscard]] StopToken token() const { return source_.token(); }
    void first_token_came() { late_.disarm(); }

  private:
    StopSource source_;
    StopToken gone_token_;
    StopCallback gone_;
    net::Deadline late_;
};

using Responded = std::expected<std::unique_ptr<client::Response>, std::unique_ptr<provider::Failure>>;

// Sends `request` with `body` under the attempt's permit. Any status is a response. `body` and what `request` points to
// stay valid until it returns.
[[nodiscard]] Task<Responded> send_upstream(Ports& ports, const RequestContext& context, Attempt& attempt,
                                            client::Request request, std::span<const std::string_view> body,
                                            StopToken stop);

// The failure that a status other than 2xx means. `same_dialect`: the client reads the upstream's dialect, and may get its
// error body.
[[nodiscard]] Task<std::unique_ptr<provider::Failure>> read_refusal(Ports& ports, const Attempt& attempt,
                                                                    client::Response& response,
                                                                    bool same_dialect);

// A request that cannot be sent to this upstream: it says nothing about the upstream.
[[nodiscard]] inline std::unexpected<std::unique_ptr<provider::Failure>> not_sent(Error error) {
    return std::unexpected(failure(std::move(error), provider::FailureCause::request));
}

[[nodiscard]] inline bool is_success(int status) {
    return status >= 200 && status < 300;
}

// Reads what is left of an answer whose end the client has, so that the connection can be used again.
[[nodiscard]] Task<void> drain(std::unique_ptr<client::Response> response);

}  // namespace hearth::pipeline
