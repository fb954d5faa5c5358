#include "pipeline/journey.h"

#include "pipeline/reply.h"

namespace hearth::pipeline {

using ledger::microseconds;

namespace {

// Header values take visible ASCII only here: model names and reasons come from files and other programs.
void append_safe(std::string& out, std::string_view text) {
    for (const char c : text.substr(0, 300)) out.push_back(c >= ' ' && c < 0x7f ? c : '?');
}

std::string route_header(const route::Step& step) {
    std::string out;
    out.reserve(160);
    append_safe(out, step.model->provider);
    out += '/';
    append_safe(out, step.model->id);
    out += "; place=";
    out += place_name(step.model->place);
    out += "; reason=";
    append_safe(out, step.reason);
    return out;
}

microseconds since(Mono start, Mono end) {
    return std::chrono::duration_cast<microseconds>(end - start);
}

// What runs on this machine costs nothing that anybody bills; elsewhere the price book decides, and unknown is unknown.
std::optional<NanoUsd> cost_of(Services& services, const route::Model& model, const exchange::Usage& usage) {
    if (model.place <= Place::loopback) return 0;
    const auto* provider = services.providers.find(model.provider);
    if (!provider || provider->prices.empty()) return std::nullopt;
    return services.prices.cost(provider->prices, model.id, usage);
}

}  // namespace

namespace {
http::HeaderList headers_of(Journey& journey, std::string_view route, std::string_view content_type) {
    http::HeaderList headers;
    headers.append("content-type", content_type);
    headers.append("x-hearth-request-id", journey.exchange.id());
    headers.append("x-hearth-route", route);
    for (const auto& warning : journey.warnings) {
        std::string safe;
        append_safe(safe, warning);
        headers.append("x-hearth-warning", safe);
    }
    if (const auto origin = journey.services.access.cors_origin(journey.exchange.head())) {
        headers.append("access-control-allow-origin", *origin);
        headers.append("vary", "origin");
    }
    return headers;
}
}  // namespace

http::HeaderList answer_headers(Journey& journey, const route::Step& step, std::string_view content_type) {
    return headers_of(journey, route_header(step), content_type);
}

http::HeaderList stream_headers(Journey& journey, std::string_view route) {
    auto headers = headers_of(journey, route, journey.client->stream_type(journey.ingress.call));
    headers.append("cache-control", "no-cache");
    return headers;
}

wire::AnswerContext Journey::context(const route::Step& step) const {
    wire::AnswerContext context;
    context.request = &request;
    context.endpoint = ingress.call.endpoint;
    context.model = step.model->id;
    context.origin = step.model->provider;
    context.id = make_id({}, system_random());
    context.created_s =
        std::chrono::duration_cast<seconds>(services.loop.clock().wall().time_since_epoch()).count();
    return context;
}

Task<void> settle(Journey& journey, const route::Step& step, ledger::Status status, Served served,
                  std::string_view error) {
    if (journey.settled || journey.entry == 0) co_return;
    journey.settled = true;
    auto& services = journey.services;
    const auto start = journey.exchange.started();
    const auto now = services.loop.clock().mono();
    ledger::Settlement settlement;
    settlement.id = journey.entry;
    settlement.status = status;
    settlement.http_status = served.http_status;
    settlement.error = error;
    // Counting is no use of the model: what was counted is not billed and not added up.
    if (journey.request.kind == exchange::Kind::count) served.usage = {};
    settlement.usage = served.usage;
    settlement.finish = std::move(served.finish);
    settlement.warnings = journey.warnings;
    settlement.total = since(start, now);
    if (journey.first_token) settlement.first_token = since(start, *journey.first_token);
    settlement.cost = journey.request.kind == exchange::Kind::count
                          ? std::optional<NanoUsd>(0)
                          : cost_of(services, *step.model, served.usage);
    std::optional<nanoseconds> first;
    if (journey.first_token) first = *journey.first_token - start;
    services.metrics.settled(journey.request.kind, step.model->place, status, served.usage, first,
                             now - start);
    // A settlement that cannot be written now waits in the ledger's backlog; the answer is not held back for it.
    [[maybe_unused]] const auto kept = co_await services.ledger.settle(settlement);
}

void start_stream(Journey& journey, const route::Step& step, const http::HeaderList& more) {
    journey.first_token = journey.services.loop.clock().mono();
    journey.early.stop();
    if (!journey.early.sent()) {
        auto headers = stream_headers(journey, route_header(step));
        for (const auto header : more) headers.append(header.name, header.value);
        [[maybe_unused]] const auto started = journey.exchange.start(200, headers);
    }
    release_body(journey);
}

Task<void> answer_error(Journey& journey, Error error) {
    journey.early.stop();
    if (!journey.early.sent()) {
        co_await reply_error(journey.services, journey.exchange, *journey.client, error);
        co_return;
    }
    wire::AnswerContext context;
    context.request = &journey.request;
    context.endpoint = journey.ingress.call.endpoint;
    std::string event;
    journey.client->stream(context)->write(error, event);
    [[maybe_unused]] const auto written = co_await journey.exchange.write(std::string_view(event));
    co_await journey.exchange.break_off();
}

void release_body(Journey& journey) {
    journey.exchange.forget_body();
    if (journey.document.node_count() == 0) return;
    journey.services.documents.give(std::exchange(journey.document, {}));
}

std::string_view finish_word(std::optional<exchange::FinishReason> reason) {
    using exchange::FinishReason;
    if (!reason) return {};
    switch (*reason) {
        case FinishReason::stop:
            return "stop";
        case FinishReason::length:
            return "length";
        case FinishReason::tool_calls:
            return "tool_calls";
        case FinishReason::content_filter:
            return "content_filter";
        case FinishReason::error:
            return "error";
        case FinishReason::pause:
            return "pause";
    }
    return {};
}

Ended failed(provider::Failure verdict) {
    return {Outcome::failed, std::move(verdict)};
}

Ended failed(Error error, provider::FailureCause cause) {
    return {Outcome::failed, {std::move(error), provider::RetryAction::next_candidate, cause}};
}

}  // namespace hearth::pipeline
