// One attempt at a provider of the same dialect: the client's own bytes with the listed edits go out, the upstream's own
// events come back.
#include <fmt/format.h>

#include "pipeline/journey.h"
#include "provider/outbound.h"
#include "wire/openai/answer.h"
#include "wire/openai/edits.h"
#include "wire/openai/error.h"
#include "wire/openai/relay.h"

namespace hearth::pipeline {

namespace {

constexpr std::size_t kErrorBodyBytes = 64 * 1024;

// The original bytes with the edits in between, without copying either.
std::vector<std::string_view> splice(std::string_view original, const std::vector<text::Edit>& edits) {
    std::vector<std::string_view> pieces;
    pieces.reserve(edits.size() * 2 + 1);
    std::size_t at = 0;
    for (const auto& edit : edits) {
        if (edit.offset > at) pieces.push_back(original.substr(at, edit.offset - at));
        if (!edit.text.empty()) pieces.push_back(edit.text);
        at = edit.offset + edit.length;
    }
    if (at < original.size()) pieces.push_back(original.substr(at));
    return pieces;
}

// A client that leaves, a first token that does not come: both end the attempt through one token.
class AttemptStop {
  public:
    AttemptStop(Journey& journey, milliseconds first_token, const std::string& provider)
        : gone_token_(journey.exchange.gone()),
          gone_(gone_token_, [this] { source_.stop(gone_token_.reason()); }),
          late_(journey.services.loop, [this, first_token, &provider] {
              Error error;
              error.code = Code::upstream_timeout;
              error.message =
                  fmt::format("{} sent no first token within {} ms ([providers.{}.timeouts] first_token_ms).",
                              provider, first_token.count(), provider);
              source_.stop(std::move(error));
          }) {
        if (journey.request.stream) late_.arm_in(first_token);
    }
    [[nodiscard]] StopToken token() const { return source_.token(); }
    void first_token_came() { late_.disarm(); }

  private:
    StopSource source_;
    StopToken gone_token_;
    StopCallback gone_;
    net::Deadline late_;
};

// Headers of an upstream that reach the client: all but those of one hop, of framing, cookies and our own names.
bool stays_here(std::string_view name) {
    static constexpr std::string_view kNames[] = {"content-type",
                                                  "content-length",
                                                  "content-encoding",
                                                  "date",
                                                  "server",
                                                  "set-cookie",
                                                  "alt-svc",
                                                  "cache-control",
                                                  "vary",
                                                  "via",
                                                  "strict-transport-security"};
    static constexpr std::string_view kPrefixes[] = {"x-hearth-", "access-control-"};
    for (const auto ours : kNames) {
        if (ours.size() == name.size() && http::iequals(ours, name)) return true;
    }
    for (const auto prefix : kPrefixes) {
        if (name.size() > prefix.size() && http::iequals(name.substr(0, prefix.size()), prefix)) return true;
    }
    return http::is_hop_by_hop(name);
}

void pass_headers(const http::HeaderList& from, http::HeaderList& to) {
    for (const auto header : from) {
        if (!stays_here(header.name)) to.append(header.name, header.value);
    }
}

Served served_of(const wire::openai::AnswerFacts& facts) {
    Served served;
    if (facts.usage) served.usage = *facts.usage;
    served.finish = finish_word(facts.finish.front());
    return served;
}

Task<Ended> client_gone(Journey& journey, const route::Step& step, Served served) {
    journey.services.health.abandoned(step.model->provider);
    co_await settle(journey, step, ledger::Status::cancelled, std::move(served), "cancelled");
    co_return Ended{Outcome::gone, {}};
}

// Reads what is left of a finished answer, so that the connection can be used again, without holding up the client.
Task<void> drain(std::unique_ptr<client::Response> response) {
    while (true) {
        const auto piece = co_await response->read();
        if (!piece || piece->empty()) co_return;
    }
}

Task<Ended> end_stream(Journey& journey, const route::Step& step, wire::openai::StreamRelay& relay,
                       std::string_view tail) {
    auto& ex = journey.exchange;
    const auto& facts = relay.facts();
    if (facts.failure) {
        journey.services.health.failed(step.model->provider, provider::Blame::upstream, *facts.failure);
        co_await settle(journey, step, ledger::Status::error, served_of(facts),
                        code_name(facts.failure->code));
        [[maybe_unused]] const auto written = co_await ex.write(tail);
        co_await ex.break_off();
        co_return Ended{Outcome::broken, {}};
    }
    journey.services.health.succeeded(step.model->provider);
    co_await settle(journey, step, ledger::Status::ok, served_of(facts), {});
    [[maybe_unused]] const auto written = co_await ex.write(tail);
    [[maybe_unused]] const auto finished = co_await ex.finish();
    co_return Ended{};
}

void start_relay(Journey& journey, const route::Step& step, const client::Response& response) {
    http::HeaderList passed;
    pass_headers(response.headers(), passed);
    start_stream(journey, step, passed);
}

Task<Ended> relay_stream(Journey& journey, const route::Step& step,
                         std::unique_ptr<client::Response> response, bool hide_usage, AttemptStop& stop) {
    auto& ex = journey.exchange;
    wire::openai::StreamRelay relay({.hide_usage = hide_usage, .choices = journey.request.n});
    bool started = false;
    std::string_view tail;
    while (true) {
        const auto piece = co_await response->read();
        if (ex.gone().stopped()) co_return co_await client_gone(journey, step, served_of(relay.facts()));
        if (!piece) {
            tail = relay.fail(piece.error());
            break;
        }
        if (piece->empty()) {
            tail = relay.finish();
            break;
        }
        const auto pieces = relay.feed(*piece);
        if (!pieces.empty()) {
            if (!started) {
                stop.first_token_came();
                start_relay(journey, step, *response);
                started = true;
            }
            const auto written = co_await ex.write(pieces);
            if (!written) co_return co_await client_gone(journey, step, served_of(relay.facts()));
        }
        if (relay.over()) {
            tail = relay.finish();
            break;
        }
    }
    if (relay.facts().failure && !started) co_return failed(*relay.facts().failure);
    stop.first_token_came();
    if (!started) start_relay(journey, step, *response);
    auto ended = co_await end_stream(journey, step, relay, tail);
    if (ended.outcome == Outcome::answered) spawn(drain(std::move(response)));
    co_return ended;
}

Task<Ended> pass_answer(Journey& journey, const route::Step& step, client::Response& response) {
    const auto body = co_await response.read_all();
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!body) co_return failed(body.error());
    auto facts = wire::openai::read_answer(journey.kind, *body, journey.services.scratch);
    if (!facts) co_return failed(std::move(facts.error()));
    if (facts->failure) co_return failed(std::move(*facts->failure));
    journey.first_token = journey.services.loop.clock().mono();
    journey.services.health.succeeded(step.model->provider);
    auto served = served_of(*facts);
    served.http_status = response.status();
    co_await settle(journey, step, ledger::Status::ok, std::move(served), {});
    auto headers = answer_headers(journey, step, "application/json");
    pass_headers(response.headers(), headers);
    [[maybe_unused]] const auto sent = co_await journey.exchange.respond(response.status(), headers, *body);
    co_return Ended{};
}

}  // namespace

Task<Ended> ask_upstream(Journey& journey, const route::Step& step, const Upstream& upstream,
                         const privacy::Permit& permit) {
    auto& services = journey.services;
    const auto& provider = upstream.provider;
    const bool stream = journey.request.stream;
    const auto& head = upstream.head(journey.kind, stream);
    if (!head) co_return failed(head.error(), provider::Blame::nobody);
    auto plan =
        wire::openai::same_dialect_edits(journey.document, upstream.edits(journey.kind, step.model->id));
    journey.warnings = std::move(plan.warnings);
    const auto body = splice(journey.document.text(), plan.edits);
    client::Request request;
    request.target = head->target;
    request.common = &head->fields;
    provider::add_request_headers(provider, journey.caller.hops, journey.exchange.head().headers,
                                  request.headers);
    request.body = body;

    AttemptStop stop(journey, upstream.first_token, provider.id);
    auto response =
        co_await services.client.send(permit, upstream.to, std::move(request),
                                      stream ? upstream.when_streamed : upstream.when_whole, stop.token());
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!response) co_return failed(std::move(response.error()));

    auto& answer = **response;
    if (answer.status() < 200 || answer.status() >= 300) {
        auto error_body = co_await answer.read_all(kErrorBodyBytes);
        if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
        co_return failed(provider::classify(provider, answer.status(), answer.headers(),
                                            error_body ? std::string_view(*error_body) : std::string_view{},
                                            services.loop.clock().wall()));
    }
    if (auto odd = provider::wrong_type(provider, answer.status(), answer.headers(), stream))
        co_return failed(std::move(*odd));
    if (!stream) co_return co_await pass_answer(journey, step, answer);
    co_return co_await relay_stream(journey, step, std::move(*response), plan.hide_usage, stop);
}

}  // namespace hearth::pipeline
