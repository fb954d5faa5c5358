#include "pipeline/backends/upstream_call.h"

#include <fmt/format.h>

#include "upstream/authentication.h"

namespace hearth::pipeline {

namespace {
constexpr std::size_t kErrorBodyBytes = 64 * 1024;
}

UpstreamStop::UpstreamStop(Ports& ports, const RequestContext& context, const upstream::Upstream& upstream)
    : gone_token_(context.http.gone()),
      gone_(gone_token_, [this] { source_.stop(gone_token_.reason()); }),
      late_(ports.loop, [this, &upstream] {
          const auto& provider = upstream.provider.id;
          Error error;
          error.code = Code::upstream_timeout;
          error.message =
              fmt::format("{} sent no first token within {} ms ([providers.{}.timeouts] first_token_ms).",
                          provider, upstream.first_token.count(), provider);
          source_.stop(std::move(error));
      }) {
    if (context.stream()) late_.arm_in(upstream.first_token);
}

Task<Responded> send_upstream(Ports& ports, const RequestContext& context, Attempt& attempt,
                              client::Request request, std::span<const std::string_view> body,
                              StopToken stop) {
    const auto& upstream = *attempt.upstream;
    if (upstream.authenticates_each_request) {
        auto authenticated =
            co_await upstream::authenticate(ports.tokens, ports.loop.clock(), context.settings,
                                            context.caller.project, upstream, request, body, stop);
        if (!authenticated)
            co_return std::unexpected(
                failure(std::move(authenticated.error()), provider::FailureCause::credential));
    }
    const auto cleared = context.settings->gate.clear(std::move(*attempt.permit), body);
    auto response = co_await ports.client.send(
        cleared, upstream.to, std::move(request),
        context.stream() ? upstream.when_streamed : upstream.when_whole, std::move(stop));
    if (!response) co_return std::unexpected(failure(std::move(response.error())));
    co_return std::move(*response);
}

Task<std::unique_ptr<provider::Failure>> read_refusal(Ports& ports, const Attempt& attempt,
                                                      client::Response& response, bool same_dialect) {
    const auto body = co_await response.read_all(kErrorBodyBytes);
    auto refusal = std::make_unique<provider::Failure>(
        provider::classify(attempt.upstream->provider, response.status(), response.headers(),
                           body ? std::string_view(*body) : std::string_view{}, ports.loop.clock().wall()));
    if (!same_dialect) refusal->error.upstream_body.clear();
    co_return refusal;
}

Task<void> drain(std::unique_ptr<client::Response> response) {
    while (true) {
        const auto piece = co_await response->read();
        if (!piece || piece->empty()) co_return;
    }
}

}  // namespace hearth::pipeline
