// Answers of the client's own dialect, in their original bytes.
#include "pipeline/delivery/delivery.h"

namespace hearth::pipeline {

namespace {

void take_facts(Outcome& outcome, const wire::AnswerFacts& facts) {
    if (facts.usage) outcome.usage = *facts.usage;
    outcome.finish = finish_name(facts.finish.front());
}

Outcome answered() {
    Outcome outcome;
    outcome.answered = true;
    return outcome;
}

}  // namespace

// Whole events, held back until the first content so that failover stays open.
Task<Outcome> Delivery::relay_stream(Attempt& attempt, Original original) {
    auto outcome = answered();
    auto& http = context_.http;
    relay_ = original.codec->relay({.hide_usage = original.hide_usage, .choices = context_.request().n});
    const auto start = [&] {
        http::HeaderList passed;
        pass_headers(original.response.headers(), passed);
        start_stream(attempt, outcome, passed);
    };
    const auto gone = [&] {
        take_facts(outcome, relay_->facts());
        outcome.result = AttemptResult::client_disconnected;
    };
    while (true) {
        const auto piece = co_await original.response.read();
        if (context_.client_gone()) {
            gone();
            co_return outcome;
        }
        if (!piece) {
            tail_ = relay_->fail(piece.error());
            break;
        }
        if (piece->empty()) {
            tail_ = relay_->finish();
            break;
        }
        const auto pieces = relay_->feed(*piece);
        if (!pieces.empty()) {
            if (!promised_) start();
            if (!co_await http.write(pieces)) {
                gone();
                co_return outcome;
            }
        }
        if (relay_->over()) {
            tail_ = relay_->finish();
            break;
        }
    }
    take_facts(outcome, relay_->facts());
    if (const auto& broken = relay_->facts().failure) {
        outcome.failure = failure(*broken);
        outcome.result =
            promised_ ? AttemptResult::failed_midstream : AttemptResult::failed_before_first_byte;
        if (promised_) ending_ = Ending::broken;
        if (!promised_) relay_.reset();
        co_return outcome;
    }
    if (!promised_) start();
    ending_ = Ending::stream;
    co_return outcome;
}

Task<Outcome> Delivery::relay_whole(Attempt& attempt, Original original) {
    auto outcome = answered();
    auto body = co_await original.response.read_all();
    if (context_.client_gone()) co_return disconnected();
    auto facts = body ? original.codec->facts(context_.kind(), *body, ports_.scratch)
                      : Result<wire::AnswerFacts>(fail(body.error()));
    if (facts) take_facts(outcome, *facts);
    if (!facts || facts->failure) {
        outcome.result = AttemptResult::failed_before_first_byte;
        outcome.failure = facts ? failure(std::move(*facts->failure)) : failure(std::move(facts.error()));
        co_return outcome;
    }
    outcome.first_token = ports_.now();
    outcome.http_status = original.response.status();
    auto head = answer_headers(attempt, "application/json");
    pass_headers(original.response.headers(), head);
    end_whole(attempt, outcome.http_status, std::move(head), std::move(*body));
    co_return outcome;
}

}  // namespace hearth::pipeline
