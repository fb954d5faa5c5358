// Passing on an answer of the client's own dialect.
#include "pipeline/attempt.h"
#include "wire/dialect.h"

namespace hearth::pipeline {

namespace {

// Headers of an upstream that reach the client: all but those of one hop, of framing, cookies and our own names.
bool is_withheld_response_header(std::string_view name) {
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

Task<Ended> end_stream(Journey& journey, const route::Step& step, wire::Relay& relay, std::string_view tail) {
    auto& ex = journey.exchange;
    const auto& facts = relay.facts();
    if (facts.failure) {
        journey.services.health.failed(step.model->provider, provider::FailureCause::upstream,
                                       *facts.failure);
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

}  // namespace

void pass_headers(const http::HeaderList& from, http::HeaderList& to) {
    for (const auto header : from) {
        if (!is_withheld_response_header(header.name)) to.append(header.name, header.value);
    }
}

Task<Ended> relay_stream(Journey& journey, const route::Step& step, const UpstreamWire& wire,
                         std::unique_ptr<client::Response> response, bool hide_usage, AttemptStop& stop) {
    auto& ex = journey.exchange;
    const auto made = wire.codec.relay({.hide_usage = hide_usage, .choices = journey.request.n});
    auto& relay = *made;
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

Task<Ended> pass_answer(Journey& journey, const route::Step& step, const UpstreamWire& wire,
                        client::Response& response) {
    const auto body = co_await response.read_all();
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!body) co_return failed(body.error());
    auto facts = wire.codec.facts(journey.request.kind, *body, journey.services.scratch);
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

}  // namespace hearth::pipeline
