#include "upstream/authentication.h"

namespace hearth::upstream {

Task<Result<void>> authenticate(AccessTokens& tokens, Clock& clock, SettingsPtr settings,
                                const std::string& project, const Upstream& upstream,
                                client::Request& request, std::span<const std::string_view> body,
                                StopToken stop) {
    if (upstream.signer) {
        const auto host = upstream.provider.base->authority();
        upstream.signer->sign(
            {.method = request.method, .host = host, .target = request.target, .body = body}, clock.wall(),
            request.headers);
        co_return Result<void>{};
    }
    const auto token = co_await tokens.get(std::move(settings), project, upstream, std::move(stop));
    if (!token) co_return fail(token.error());
    std::string value;
    value.reserve(7 + token->reveal().size());
    value.append("Bearer ").append(token->reveal());
    request.headers.append("authorization", value);
    explicit_bzero(value.data(), value.size());
    co_return Result<void>{};
}

}  // namespace hearth::upstream
