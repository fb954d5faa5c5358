#include "upstream/access_tokens.h"

#include <fmt/format.h>

#include "net/sign.h"
#include "provider/google_account.h"

namespace hearth::upstream {

namespace {

constexpr seconds kEarly{60};        // a request that leaves now may take a while to arrive
constexpr seconds kAfterFailure{5};  // those who come at once hear the same
constexpr std::size_t kAnswerBytes = 64 * 1024;
constexpr client::Timeouts kTimeouts{
    .connect = seconds(10), .headers = seconds(20), .idle = seconds(10), .total = seconds(30)};

Failed failed_to(const Upstream& upstream, Code code, std::string_view why) {
    return fail(code, fmt::format("No access token for {} ({}): {}.", upstream.provider.id,
                                  upstream.provider.key_from, why));
}

}  // namespace

ledger::Intent AccessTokens::intent_of(const std::string& project, const Upstream& upstream) const {
    ledger::Intent intent;
    intent.request_id = make_id("token_", random_);
    intent.time = loop_.clock().wall();
    intent.client = "hearth";
    intent.project = project;
    intent.dialect = "oauth2";
    intent.kind = "token";
    intent.to.provider = upstream.provider.id;
    intent.to.place = Place::cloud;
    intent.to.reason = "access token from " + upstream.provider.google->token_uri.host;
    return intent;
}

// One exchange with the token endpoint, already in the ledger.
Task<Result<provider::AccessToken>> AccessTokens::ask(const Settings& settings, const std::string& project,
                                                      const Upstream& upstream, ledger::EntryId entry,
                                                      std::string body) {
    const auto& uri = upstream.provider.google->token_uri;
    const std::string_view pieces[] = {body};
    const auto cleared =
        settings.gate.clear(project, {upstream.provider.id, uri.scheme, uri.host, uri.port, Place::cloud},
                            std::to_string(entry), pieces);
    if (!cleared) co_return fail(cleared.error());
    client::Remote to{.scheme = uri.scheme, .host = uri.host, .port = uri.port};
    to.ca_file = settings.config.client.ca_file.string();
    client::Request request;
    request.target = uri.target;
    request.headers.append("content-type", "application/x-www-form-urlencoded");
    request.headers.append("accept", "application/json");
    request.headers.append("accept-encoding", "identity");
    auto response = co_await client_.send(*cleared, to, std::move(request), kTimeouts, {});
    if (!response) co_return fail(std::move(response.error()));
    auto answer = co_await (*response)->read_all(kAnswerBytes);
    if (!answer) co_return fail(std::move(answer.error()));
    auto token = provider::parse_token_answer((*response)->status(), *answer);
    explicit_bzero(answer->data(), answer->size());
    if (!token) co_return failed_to(upstream, token.error()->code, token.error()->message);
    co_return token;
}

Task<Result<provider::AccessToken>> AccessTokens::fetch_token(const Settings& settings,
                                                              const std::string& project,
                                                              const Upstream& upstream) {
    const auto& account = *upstream.provider.google;
    const auto claims = provider::jwt_to_sign(account, loop_.clock().wall());
    const auto signature = net::sign_rs256(account.private_key, claims);
    if (!signature) co_return failed_to(upstream, Code::unavailable, signature.error()->message);
    const auto intent = intent_of(project, upstream);
    auto begun = co_await ledger_.begin(intent);
    if (!begun) co_return fail(std::move(begun.error()));
    auto token = co_await ask(settings, project, upstream, begun->id,
                              provider::token_request(provider::jwt(claims, *signature)));
    ledger::Settlement settlement;
    settlement.id = begun->id;
    settlement.status = token ? ledger::Status::ok : ledger::Status::error;
    if (!token) settlement.error = code_name(token.error()->code);
    settlement.http_status = token ? 200 : http_status(token.error()->code);
    settlement.cost = 0;
    [[maybe_unused]] const auto kept = co_await ledger_.settle(settlement);
    co_return token;
}

// Goes on when the request that began it is cancelled, for others wait too.
Task<void> AccessTokens::fetch(SettingsPtr settings, std::string project, const Upstream& upstream,
                               Slot& slot) {
    const auto generation = generation_;
    auto token = co_await fetch_token(*settings, project, upstream);
    const auto now = loop_.clock().mono();
    if (token) {
        slot.good_until = now + std::max<nanoseconds>(token->lasts - kEarly, seconds(0));
        if (generation != generation_) slot.good_until = {};  // for those who wait, and for no other request
        slot.token = std::move(token->token);
        slot.failed_until = {};
    } else {
        slot.error = *token.error();
        slot.failed_until = now + kAfterFailure;
    }
    slot.fetching = false;
    slot.changed.notify_all();
}

void AccessTokens::forget() {
    ++generation_;
    for (auto& [provider, slot] : by_provider_) slot.good_until = slot.failed_until = {};
}

Task<Result<Secret>> AccessTokens::get(SettingsPtr settings, std::string project, const Upstream& upstream,
                                       StopToken stop) {
    auto& slot = by_provider_[upstream.provider.id];
    bool waited = false;
    while (true) {
        if (stop.stopped()) co_return fail(stop.reason());
        const auto now = loop_.clock().mono();
        // Whoever has waited for a token takes it, however short its life.
        if (!slot.token.empty() && (now < slot.good_until || (waited && now >= slot.failed_until)))
            co_return slot.token;
        if (now < slot.failed_until) co_return fail(slot.error);
        if (!slot.fetching) {
            slot.fetching = true;
            spawn(fetch(settings, project, upstream, slot));
        }
        if (slot.fetching) co_await slot.changed.wait(stop);
        waited = true;
    }
}

}  // namespace hearth::upstream
