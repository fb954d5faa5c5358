#include "pipeline/record.h"

#include "wire/dialects.h"

#include <cassert>

namespace hearth::pipeline {

using ledger::microseconds;

namespace {

ledger::Route route_of(const route::Step& step) {
    return {.provider = step.model->provider,
            .model = step.model->id,
            .place = step.model->place,
            .region = {},
            .reason = step.reason};
}

microseconds between(Mono start, Mono end) {
    return std::chrono::duration_cast<microseconds>(end - start);
}

ledger::Status status_of(const Outcome& outcome) {
    switch (outcome.result) {
        case AttemptResult::delivered:
            return outcome.http_status < 400 ? ledger::Status::ok : ledger::Status::error;
        case AttemptResult::client_disconnected:
            return ledger::Status::cancelled;
        case AttemptResult::failed_before_first_byte:
        case AttemptResult::failed_midstream:
            break;
    }
    return ledger::Status::error;
}

Code code_of(const Outcome& outcome) {
    if (outcome.failure) return outcome.failure->error.code;
    if (outcome.result == AttemptResult::client_disconnected) return Code::cancelled;
    return Code::upstream_rejected;  // an upstream's refusal that was passed through: used only then
}

}  // namespace

Record::~Record() {
    assert(entry_ == 0 || settled_);  // every row that was begun is settled
}

ledger::Intent Record::intent() const {
    ledger::Intent intent;
    intent.request_id = context_.http.id();
    intent.time = ports_.loop.clock().wall();
    intent.client = context_.caller.client;
    intent.key = context_.caller.key;
    intent.project = context_.caller.project;
    intent.dialect = wire::dialect_name(context_.ingress.dialect);
    intent.kind = exchange::kind_name(context_.kind());
    intent.requested_model = context_.request().model;
    intent.stream = context_.stream();
    return intent;
}

Task<Result<void>> Record::reserve(Attempt& attempt) {
    attempt.started = ports_.loop.clock().wall();
    attempt.began = ports_.now();
    if (entry_ != 0 && last_) {
        const auto to = route_of(attempt.step);
        const auto before = row_of_last();
        auto kept = co_await ports_.ledger.reroute(entry_, before, to);
        if (!kept) co_return fail(std::move(kept.error()));
    } else {
        auto begin = intent();
        begin.to = route_of(attempt.step);
        begin.estimated_input_tokens = context_.conversation.needs.approx_input_tokens;
        auto begun = co_await ports_.ledger.begin(begin);
        if (!begun) co_return fail(std::move(begun.error()));
        entry_ = begun->id;
    }
    attempt.reserved = true;
    co_return Result<void>{};
}

// Local models cost nothing that anybody bills, and so does counting. Elsewhere the price book decides, and unknown is
// unknown: a request that was cut off, for example, may have been charged for.
std::optional<NanoUsd> Record::cost_of(const route::Model& model, const Outcome& outcome) const {
    if (model.place <= Place::loopback || context_.kind() == exchange::Kind::count) return 0;
    if (!outcome.answered && !outcome.failure) return 0;  // Hearth made the answer itself
    if (!outcome.answered)
        return ledger::cost_without_usage(model.place, code_of(outcome), outcome.failure->error.http_status);
    // Vendors report some usage at the beginning of a stream: of one that did not reach its end it is not the whole.
    if (outcome.result != AttemptResult::delivered && outcome.finish.empty()) return std::nullopt;
    const auto* provider = context_.settings->providers.find(model.provider);
    if (!provider || provider->prices.empty()) return std::nullopt;
    return ports_.prices.cost(provider->prices, model.id, outcome.usage);
}

void Record::report(Attempt& attempt, const Outcome& outcome) {
    auto& trial = attempt.trial;
    if (!trial.open()) return;
    switch (outcome.result) {
        case AttemptResult::delivered:
            if (outcome.answered && outcome.http_status < 400) return trial.succeeded();
            break;
        case AttemptResult::failed_before_first_byte:
        case AttemptResult::failed_midstream:
            if (outcome.failure->cause != provider::FailureCause::request)
                return trial.failed(outcome.failure->cause, outcome.failure->error);
            break;
        case AttemptResult::client_disconnected:
            break;
    }
    trial.abandon();  // it says nothing about the upstream
}

void Record::take_last(Attempt& attempt, Outcome& outcome) {
    auto& last = last_.emplace(Last{});
    last.step = &attempt.step;
    last.started = attempt.started;
    last.duration = between(attempt.began, ports_.now());
    last.code = code_of(outcome);
    last.upstream_status = outcome.failure ? outcome.failure->error.http_status : 0;
    // Counting is no use of the model: what was counted is neither billed nor added up.
    if (context_.kind() != exchange::Kind::count) last.usage = outcome.usage;
    last.cost = cost_of(attempt.model(), outcome);
    last.warnings = std::move(attempt.warnings);
    for (auto& loss : outcome.losses) last.warnings.push_back(std::move(loss));
    last.status = status_of(outcome);
    last.finish = outcome.finish;
    last.http_status = outcome.http_status;
    last.first_token = outcome.first_token;
}

ledger::Attempt Record::row_of_last() {
    const auto& last = *last_;
    ledger::Attempt row;
    row.to = route_of(*last.step);
    row.started = last.started;
    row.duration = last.duration;
    row.code = last.code;
    row.http_status = last.upstream_status;
    row.usage = last.usage;
    row.cost = last.cost;
    row.warnings = last.warnings;
    return row;
}

void Record::attempted(Attempt& attempt, Outcome& outcome) {
    assert(!settled_);
    report(attempt, outcome);
    if (attempt.reserved) take_last(attempt, outcome);
}

Task<void> Record::settle(const Error* error) {
    assert(!settled_);
    settled_ = true;
    if (entry_ == 0) co_return;  // the ledger could not be written for any candidate
    const auto start = context_.http.started();
    const auto now = ports_.now();
    auto& last = *last_;
    ledger::Settlement settlement;
    settlement.id = entry_;
    settlement.status = error ? ledger::Status::error : last.status;
    settlement.http_status = error ? context_.codec.error(*error).status : last.http_status;
    if (settlement.status != ledger::Status::ok)
        settlement.error = code_name(error ? error->code : last.code);
    settlement.usage = last.usage;
    settlement.cost = last.cost;
    settlement.finish = last.finish;
    settlement.warnings = std::move(last.warnings);
    settlement.total = between(start, now);
    std::optional<nanoseconds> first;
    if (last.first_token) {
        first = *last.first_token - start;
        settlement.first_token = between(start, *last.first_token);
    }
    ports_.metrics.settled(context_.kind(), last.step->model->place, settlement.status, settlement.usage,
                           first, now - start);
    // A settlement that cannot be written now waits in the ledger's backlog; the answer is not held back for it.
    [[maybe_unused]] const auto kept = co_await ports_.ledger.settle(settlement);
}

Task<void> Record::refuse(const Error& error) {
    assert(!settled_ && entry_ == 0);
    settled_ = true;
    auto refused = intent();
    refused.to.place = Place::local;
    refused.to.reason = "refused before routing";
    ledger::Settlement settlement;
    settlement.status = ledger::Status::refused;
    settlement.http_status = context_.codec.error(error).status;
    settlement.error = code_name(error.code);
    settlement.cost = 0;  // no upstream was asked
    settlement.total = between(context_.http.started(), ports_.now());
    ports_.metrics.settled(context_.kind(), Place::local, ledger::Status::refused, {}, {}, *settlement.total);
    [[maybe_unused]] const auto recorded = co_await ports_.ledger.record(refused, settlement);
}

}  // namespace hearth::pipeline
