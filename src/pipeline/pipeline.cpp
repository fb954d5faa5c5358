#include "pipeline/pipeline.h"

#include "pipeline/backends/backend.h"
#include "pipeline/candidates.h"
#include "pipeline/delivery/delivery.h"
#include "pipeline/record.h"
#include "pipeline/stages.h"

namespace hearth::pipeline {

namespace {

const Backend& backend_for(const RequestContext& context, const Attempt& attempt) {
    for (const auto& row : kBackends) {
        if (row.serves(context, attempt)) return row.backend;
    }
    std::unreachable();  // the last row serves everything
}

// Asks one candidate, and brings its answer to the client up to its last bytes.
Task<Outcome> ask(Ports& ports, RequestContext& context, Record& record, Delivery& delivery,
                  Attempt& attempt) {
    for (const auto& stage : kAttemptStages) {
        auto done = stage.now ? stage.now(ports, context, record, attempt)
                              : co_await stage.waiting(ports, context, record, attempt);
        if (!done) co_return failed(failure(std::move(done.error()), provider::FailureCause::request));
    }
    auto started = co_await backend_for(context, attempt).start(ports, context, attempt);
    if (context.client_gone()) co_return disconnected();
    if (!started) co_return failed(std::move(started.error()));
    attempt.answer = std::move(*started);
    co_return co_await delivery.pump(attempt);
}

// Candidates in order, until one has answered, the client has disconnected, or none is left.
Task<void> try_candidates(Ports& ports, RequestContext& context, Record& record, Delivery& delivery) {
    Candidates candidates(context.plan, context.settings->config.route.max_attempts);
    for (auto next = candidates.current(); next.step; next = candidates.current()) {
        Attempt attempt(*next.step, next.without_opaque);
        auto outcome = co_await ask(ports, context, record, delivery, attempt);
        record.attempted(attempt, outcome);
        if (outcome.result != AttemptResult::failed_before_first_byte) {
            co_await record.settle();  // before the client's last byte
            co_await delivery.finish();
            if (outcome.result == AttemptResult::delivered) attempt.answer->release();
            co_return;
        }
        delivery.attempt_failed(attempt);
        const bool again = candidates.failed(std::move(*outcome.failure));
        if (again && candidates.current().step != next.step) ports.metrics.failed_over();
    }
    auto error = candidates.summary();
    co_await record.settle(&error);
    co_await delivery.refuse(std::move(error));
}

}  // namespace

Task<void> handle(Ports& ports, server::Exchange& http, Caller caller, Ingress ingress,
                  json::Document parsed) {
    RequestContext context(ports, http, std::move(caller), std::move(ingress));
    context.conversation.document = std::move(parsed);
    Record record(ports, context);
    Delivery delivery(ports, context);
    Result<void> ready;
    for (const auto& stage : kRequestStages) {
        ready = stage.now ? stage.now(ports, context) : co_await stage.waiting(ports, context);
        if (!ready) break;
    }
    if (ready) {
        delivery.start_heartbeat();
        co_await try_candidates(ports, context, record, delivery);
    } else {
        co_await record.refuse(*ready.error());
        co_await delivery.refuse(std::move(ready.error()));
    }
    pool_document(ports, context);
}

}  // namespace hearth::pipeline
