// One attempt at a provider. Of the client's own dialect: its own bytes with the listed edits go out, the upstream's own
// events come back. Of another: the request is crossed and written anew, the answer's events are written for the client.
#include <fmt/format.h>

#include "pipeline/answer.h"
#include "pipeline/attempt.h"
#include "pipeline/authorize.h"
#include "provider/outbound.h"
#include "wire/ollama/request.h"

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

// What goes out, and what it is made of.
struct Outgoing {
    std::string written;                 // crossing
    std::vector<text::Edit> edits;       // same dialect
    std::vector<std::string_view> body;  // views into either and into the client's bytes
    bool hide_usage = false;
};

bool is_one_text(const exchange::Request& request) {
    const auto* const body = std::get_if<exchange::Completion>(&request.body);
    return body == nullptr || (request.n == 1 && body->prompts.size() == 1 &&
                               std::holds_alternative<std::string>(body->prompts.front()));
}

Result<void> prepare_body(Journey& journey, const route::Step& step, const Upstream& upstream,
                          const UpstreamWire& wire, bool same, Outgoing& out) {
    auto needs = upstream.needs(wire, journey.request.kind, step.model->id);
    needs.without_opaque = journey.without_opaque;
    if (same) needs.endpoint = journey.ingress.call.endpoint;
    if (same) {
        auto plan = wire.codec.edits(journey.document, needs);
        journey.warnings = std::move(plan.warnings);
        out.edits = std::move(plan.edits);
        out.hide_usage = plan.hide_usage;
        out.body = splice(journey.document.text(), out.edits);
        return {};
    }
    auto crossed = wire::translate_request(journey.request, {.dialect = wire.dialect,
                                                             .provider = upstream.provider.id,
                                                             .reasoning_content = needs.reasoning_content,
                                                             .without_opaque = needs.without_opaque});
    if (!crossed) return fail(std::move(crossed.error()));
    if (needs.fim && !is_one_text(crossed->request)) {
        return fail(Code::unsupported,
                    fmt::format("{} completes one prompt of text in a request, not several or tokens.",
                                upstream.provider.id),
                    "prompt");
    }
    journey.warnings = std::move(crossed->warnings);
    std::ranges::move(wire.codec.losses(crossed->request, needs), std::back_inserter(journey.warnings));
    out.written = wire.codec.encode(crossed->request, needs);
    out.body = {out.written};
    return {};
}

// Who cannot count is not asked: four bytes are a token, tools and system text included, and the client is told.
Task<Ended> estimate(Journey& journey, const route::Step& step) {
    journey.warnings.push_back(fmt::format(
        "estimated: {} does not count tokens; four bytes were taken for one", step.model->provider));
    GivenEvents given(counted(exchange::needs_of(journey.request).approx_input_tokens));
    co_return co_await write_whole(journey, step, given, provider::FailureCause::request);
}

}  // namespace

AttemptStop::AttemptStop(Journey& journey, milliseconds first_token, const std::string& provider)
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

Served served_of(const wire::AnswerFacts& facts) {
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

Task<void> drain(std::unique_ptr<client::Response> response) {
    while (true) {
        const auto piece = co_await response->read();
        if (!piece || piece->empty()) co_return;
    }
}

Task<Ended> rejected(Journey& journey, const route::Step& step, const provider::Provider& provider,
                     client::Response& answer, bool same) {
    auto body = co_await answer.read_all(kErrorBodyBytes);
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    auto verdict = provider::classify(provider, answer.status(), answer.headers(),
                                      body ? std::string_view(*body) : std::string_view{},
                                      journey.services.loop.clock().wall());
    if (!same) verdict.error.upstream_body.clear();  // in a dialect that the client does not read
    co_return failed(std::move(verdict));
}

Task<Ended> ask_upstream(Journey& journey, const route::Step& step, const Upstream& upstream,
                         const privacy::Permit& permit) {
    auto& services = journey.services;
    const auto& provider = upstream.provider;
    const auto kind = journey.request.kind;
    const bool stream = journey.request.stream;
    const auto& wire = upstream.wire_for(journey.dialect(), kind);
    const auto endpoint = journey.ingress.call.endpoint;
    // A body may have come to another dialect's endpoint than its own (Cursor): its bytes fit nobody's.
    const bool same = journey.request.dialect == journey.dialect() &&
                      wire.can_forward_bytes(journey.request, journey.dialect(), endpoint);
    if (!same &&
        wire::ollama::is_load(journey.request)) {  // there is nothing that it could load: no byte leaves
        GivenEvents given(nothing_to_say());
        if (stream) co_return co_await write_stream(journey, step, given, provider::FailureCause::request);
        co_return co_await write_whole(journey, step, given, provider::FailureCause::request);
    }
    const auto& head = wire.head(kind, stream);
    if (!head && kind == exchange::Kind::count) co_return co_await estimate(journey, step);
    if (!head) co_return failed(head.error(), provider::FailureCause::request);
    Outgoing out;
    if (auto ready = prepare_body(journey, step, upstream, wire, same, out); !ready)
        co_return failed(std::move(ready.error()), provider::FailureCause::request);
    client::Request request;
    std::string target;
    request.target =
        wire.target(journey.request, same ? endpoint : std::string_view(), step.model->id, target);
    request.common = &head->fields;
    provider::add_request_headers(provider, journey.caller.hops, same, journey.exchange.head().headers,
                                  request.headers);
    request.body = out.body;

    AttemptStop stop(journey, upstream.first_token, provider.id);
    if (upstream.authenticates_each_request) {
        auto authorized =
            co_await authorize(services, journey.caller.project, upstream, request, stop.token());
        if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
        if (!authorized) co_return failed(std::move(authorized.error()), provider::FailureCause::credential);
    }
    auto response =
        co_await services.client.send(permit, upstream.to, std::move(request),
                                      stream ? upstream.when_streamed : upstream.when_whole, stop.token());
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!response) co_return failed(std::move(response.error()));

    auto& answer = **response;
    if (answer.status() < 200 || answer.status() >= 300)
        co_return co_await rejected(journey, step, provider, answer, same);
    if (auto odd = provider::wrong_type(provider, wire.dialect, answer.status(), answer.headers(), stream))
        co_return failed(std::move(*odd));
    if (!same && stream) co_return co_await translate_stream(journey, step, wire, std::move(*response), stop);
    if (!same) co_return co_await translate_answer(journey, step, wire, answer);
    if (!stream) co_return co_await pass_answer(journey, step, wire, answer);
    co_return co_await relay_stream(journey, step, wire, std::move(*response), out.hide_usage, stop);
}

}  // namespace hearth::pipeline
