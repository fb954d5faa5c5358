#include "pipeline/road.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/journey.h"
#include "pipeline/passthrough.h"
#include "pipeline/reply.h"
#include "wire/codecs.h"
#include "wire/dialects.h"

namespace hearth::pipeline {

namespace {

ledger::Destination destination(const route::Step& step) {
    return {.provider = step.model->provider,
            .model = step.model->id,
            .place = step.model->place,
            .region = {},
            .reason = step.reason};
}

ledger::Intent intent_of(const Journey& journey) {
    ledger::Intent intent;
    intent.request_id = journey.exchange.id();
    intent.time = journey.services.loop.clock().wall();
    intent.client = journey.caller.client;
    intent.key = journey.caller.key;
    intent.project = journey.caller.project;
    intent.dialect = wire::dialect_name(journey.dialect());
    intent.kind = exchange::kind_name(journey.request.kind);
    intent.requested_model = journey.request.model;
    intent.stream = journey.request.stream;
    return intent;
}

// ---- read, decode

Task<Result<void>> read_request(Journey& journey) {
    if (exchange::passes_through(journey.request.kind)) co_return co_await read_passed(journey);
    const auto body = co_await journey.exchange.read_body(journey.services.config.server.max_body_bytes);
    if (!body) co_return fail(body.error());
    const auto parsed = journey.document.parse(*body);
    if (!parsed) co_return fail(parsed.error());
    auto request = journey.client->decode(journey.ingress.call, journey.document);
    if (!request) co_return fail(std::move(request.error()));
    journey.request = std::move(*request);
    // llama.cpp serves one model and its clients name none; they mean this machine.
    if (journey.request.model.empty() && journey.dialect() == exchange::Dialect::llama)
        journey.request.model = "local";
    if (journey.request.model.empty()) {
        co_return fail(Code::invalid_request,
                       "Say which model: \"model\" is missing. \"auto\" lets Hearth choose.", "model");
    }
    co_return Result<void>{};
}

// ---- decide

Result<void> decide_route(Journey& journey) {
    if (!journey.ingress.provider.empty()) return decide_provider(journey);
    route::Ask ask{journey.services.directory.resolve_alias(journey.request.model), journey.request.kind,
                   exchange::needs_of(journey.request)};
    auto plan = plan_for(journey.services, journey.caller.project, ask);
    if (!plan) return fail(std::move(plan.error()));
    journey.plan = std::move(*plan);
    return {};
}

// ---- reserve: the ledger knows before a byte leaves

Task<Result<void>> reserve(Journey& journey, const route::Step& step,
                           const std::optional<ledger::Attempt>& before) {
    auto& services = journey.services;
    if (journey.entry != 0 && before) {
        const auto to = destination(step);
        auto kept = co_await services.ledger.reroute(journey.entry, *before, to);
        if (!kept) co_return fail(std::move(kept.error()));
        co_return Result<void>{};
    }
    auto intent = intent_of(journey);
    intent.to = destination(step);
    intent.estimated_input_tokens = exchange::needs_of(journey.request).approx_input_tokens;
    auto begun = co_await services.ledger.begin(intent);
    if (!begun) co_return fail(std::move(begun.error()));
    journey.entry = begun->id;
    co_return Result<void>{};
}

// ---- send: to our own engine, or out with a permit

Task<Ended> attempt(Journey& journey, const route::Step& step) {
    if (step.model->provider == route::kEngine) co_return co_await ask_engine(journey, step);
    auto& services = journey.services;
    const auto* upstream = services.upstreams.find(step.model->provider);
    if (!upstream) {
        auto gone =
            fail(Code::unavailable, fmt::format("The provider '{}' has no address.", step.model->provider));
        co_return failed(std::move(gone.error()), provider::FailureCause::request);
    }
    const auto& name = upstream->provider.id;
    auto to = upstream->gate;
    to.place = step.model->place;
    auto permit = services.gate.permit(journey.caller.project, to, std::to_string(journey.entry));
    if (!permit) co_return failed(std::move(permit.error()), provider::FailureCause::request);
    if (!services.health.take(name)) {
        auto busy =
            fail(Code::unavailable, fmt::format("{} failed lately and another request is trying it.", name));
        busy.error()->retry_after_ms = services.health.retry_in_ms(name);
        co_return failed(std::move(busy.error()), provider::FailureCause::request);
    }
    auto ended = exchange::passes_through(journey.request.kind)
                     ? co_await pass_through(journey, step, *upstream, *permit)
                     : co_await ask_upstream(journey, step, *upstream, *permit);
    if (ended.outcome == Outcome::failed) {
        if (ended.verdict.cause == provider::FailureCause::request) {
            services.health.abandoned(name);
        } else {
            services.health.failed(name, ended.verdict.cause, ended.verdict.error);
        }
    }
    co_return ended;
}

struct Failure {
    std::string who;
    Error error;
};

// What the client hears when every candidate failed: the one failure in its own words, or all of them in one sentence
// under the code of the first, which is the one that was wanted most.
Error summary(std::vector<Failure> failures) {
    if (failures.size() == 1) return std::move(failures.front().error);
    Error all = failures.front().error;
    all.upstream_body.clear();
    all.message = fmt::format("All {} candidates failed:", failures.size());
    for (const auto& failure : failures)
        all.message += fmt::format(" {}: {}", failure.who, failure.error.message);
    for (const auto& failure : failures) {
        if (!failure.error.retry_after_ms) continue;
        all.retry_after_ms = std::min(all.retry_after_ms.value_or(INT64_MAX), *failure.error.retry_after_ms);
    }
    return all;
}

ledger::Attempt attempt_row(const Journey& journey, const route::Step& step, Wall started, Mono began,
                            const Error& error) {
    ledger::Attempt row;
    row.to = destination(step);
    row.started = started;
    row.duration =
        std::chrono::duration_cast<ledger::microseconds>(journey.services.loop.clock().mono() - began);
    row.code = error.code;
    row.http_status = error.http_status;
    return row;
}

// Candidates in order, until one has answered, the client has gone, or none is left.
Task<void> try_candidates(Journey& journey) {
    auto& services = journey.services;
    auto& clock = services.loop.clock();
    std::vector<Failure> failures;
    std::optional<ledger::Attempt> before;
    const auto count = std::min(journey.plan.steps.size(), services.config.route.max_attempts);
    for (std::size_t i = 0; i < count; i += journey.without_opaque ? 0 : 1) {
        const auto& step = journey.plan.steps[i];
        const auto reserved = co_await reserve(journey, step, before);
        if (!reserved) {  // the ledger refuses clouds while it cannot write; a local candidate may still come
            journey.without_opaque = false;
            failures.push_back({step.model->full_name(), reserved.error()});
            continue;
        }
        const auto started = clock.wall();
        const auto began = clock.mono();
        auto ended = co_await attempt(journey, step);
        if (ended.outcome != Outcome::failed) co_return;
        before = attempt_row(journey, step, started, began, ended.verdict.error);
        journey.without_opaque =
            ended.verdict.action == provider::RetryAction::without_opaque && !journey.without_opaque;
        if (journey.without_opaque) continue;  // the same step once more
        const bool last = ended.verdict.action != provider::RetryAction::next_candidate;
        failures.push_back({step.model->full_name(), std::move(ended.verdict.error)});
        if (last) {
            failures.erase(failures.begin(), failures.end() - 1);
            break;
        }
        if (i + 1 < count) services.metrics.failed_over();
    }
    const auto& step = journey.plan.steps[std::min(failures.size(), count) - 1];
    auto error = summary(std::move(failures));
    Served served;
    served.http_status = journey.client->error(error).status;
    co_await settle(journey, step, ledger::Status::error, served, code_name(error.code));
    co_await answer_error(journey, std::move(error));
}

// A request that goes nowhere leaves its line too.
Task<void> refuse(Journey& journey, Error error) {
    auto intent = intent_of(journey);
    intent.to = {
        .provider = {}, .model = {}, .place = Place::local, .region = {}, .reason = "refused before routing"};
    ledger::Settlement settlement;
    settlement.status = ledger::Status::refused;
    settlement.http_status = journey.client->error(error).status;
    settlement.error = code_name(error.code);
    settlement.cost = 0;  // nothing was asked of anybody
    settlement.total = std::chrono::duration_cast<ledger::microseconds>(journey.services.loop.clock().mono() -
                                                                        journey.exchange.started());
    journey.services.metrics.settled(journey.request.kind, Place::local, ledger::Status::refused, {}, {},
                                     *settlement.total);
    [[maybe_unused]] const auto recorded = co_await journey.services.ledger.record(intent, settlement);
    co_await answer_error(journey, std::move(error));
}

}  // namespace

Result<route::Plan> plan_for(Services& services, const std::string& project, const route::Ask& ask) {
    auto& directory = services.directory;
    if (ask.name != "auto" && ask.name != "local" && ask.name != "cloud" &&
        !directory.models()->find(ask.name)) {
        directory.remember(ask.name);
    }
    route::Checks checks;
    checks.refused = [&](const std::string& provider, Place place) {
        return services.gate.refusal(project, provider, place);
    };
    checks.unhealthy = [&](const route::Model& model) { return services.health.unhealthy(model); };
    checks.loaded = [&](const route::Model& model) {
        const auto* own = directory.own(model.id);
        return own && services.supervisor.loaded(own->name);
    };
    return route::decide(ask, directory.models(), directory.preferences(), checks);
}

Task<void> travel(Services& services, server::Exchange& exchange, Caller caller, Ingress ingress) {
    Journey journey{.services = services,
                    .exchange = exchange,
                    .caller = std::move(caller),
                    .ingress = std::move(ingress)};
    journey.client = wire::client_codec(journey.dialect());
    journey.request.kind = journey.ingress.call.kind;
    journey.document = services.documents.take();
    auto ready = co_await read_request(journey);
    if (ready) ready = decide_route(journey);
    if (ready) {
        if (!exchange::passes_through(journey.request.kind)) journey.early.arm();
        co_await try_candidates(journey);
    } else {
        co_await refuse(journey, std::move(ready.error()));
    }
    release_body(journey);
}

}  // namespace hearth::pipeline
