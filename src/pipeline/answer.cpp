#include "pipeline/answer.h"

#include "wire/translate/answer_features.h"
#include "wire/translate/translate.h"

namespace hearth::pipeline {

namespace {

using exchange::Event;

Served served_of(const exchange::Answer& answer) {
    Served served;
    served.usage = answer.usage;
    if (!answer.choices.empty()) served.finish = finish_word(answer.choices.front().finish);
    return served;
}

// Deltas are forgotten once they are on the wire: only what the settlement needs is kept.
void note(exchange::Answer& facts, const Event& event) {
    if (std::holds_alternative<exchange::Finish>(event) ||
        std::holds_alternative<exchange::UsageEvent>(event) ||
        std::holds_alternative<exchange::Done>(event) || std::holds_alternative<Error>(event)) {
        exchange::fold(facts, event);
    }
}

Error cut_short() {
    Error error;
    error.code = Code::upstream_broken;
    error.message = "The answer ended before it was whole.";
    return error;
}

struct StreamState {
    std::unique_ptr<wire::StreamEncoder> encoder;
    wire::Restore restore;
    exchange::Answer facts;
    std::vector<Event> batch;
    std::string out;
    bool promised = false;
    wire::AnswerFeatures found;

    // A batch of events into bytes; true when one of them is content.
    bool encode(std::vector<Event> events) {
        batch.clear();
        for (auto& event : events) restore.apply(std::move(event), batch);
        bool content = false;
        for (const auto& event : batch) {
            content |= exchange::is_content(event);
            note(facts, event);
            wire::find(event, found);
            // Before content an error still leads to the next candidate, so nothing of it may be written.
            if (std::holds_alternative<Error>(event) && !promised && !content) continue;
            encoder->write(event, out);
        }
        return content;
    }
};

Task<Ended> cancelled(Journey& journey, const route::Step& step, const exchange::Answer& facts) {
    co_await settle(journey, step, ledger::Status::cancelled, served_of(facts), "cancelled");
    co_return Ended{Outcome::gone, {}};
}

// The head is gone: what the client's dialect has no place for is told in the ledger alone.
void note_losses(Journey& journey, const wire::AnswerFeatures& found) {
    for (auto& loss : wire::losses(found, journey.dialect())) journey.warnings.push_back(std::move(loss));
}

Task<Ended> end_stream(Journey& journey, const route::Step& step, StreamState& state) {
    auto& ex = journey.exchange;
    note_losses(journey, state.found);
    if (state.facts.failure) {
        const auto code = state.facts.failure->code;
        co_await settle(journey, step, ledger::Status::error, served_of(state.facts), code_name(code));
        [[maybe_unused]] const auto written = co_await ex.write(std::string_view(state.out));
        co_await ex.break_off();
        Ended ended{Outcome::broken, {}};
        ended.verdict.error = std::move(*state.facts.failure);
        co_return ended;
    }
    co_await settle(journey, step, ledger::Status::ok, served_of(state.facts), {});
    [[maybe_unused]] const auto written = co_await ex.write(std::string_view(state.out));
    [[maybe_unused]] const auto finished = co_await ex.finish();
    co_return Ended{};
}

}  // namespace

std::vector<Event> counted(std::int64_t tokens) {
    exchange::UsageEvent usage;
    usage.usage.input = tokens;
    return {usage, exchange::Done{}};
}

std::vector<Event> nothing_to_say() {
    return {exchange::Finish{}, exchange::Done{}};
}

Task<Ended> write_stream(Journey& journey, const route::Step& step, EventSource& source,
                         provider::FailureCause cause) {
    const auto context = journey.context(step);
    StreamState state{.encoder = journey.client->stream(context), .restore = wire::Restore(journey.request)};
    auto& ex = journey.exchange;
    while (true) {
        auto events = co_await source.next();
        const bool ended = events.empty();
        const bool content = state.encode(std::move(events));
        if (ex.gone().stopped()) co_return co_await cancelled(journey, step, state.facts);
        if (ended && !state.facts.done && !state.facts.failure) state.encode({Event(cut_short())});
        const bool over = state.facts.done || state.facts.failure;
        if (!state.promised && (content || (over && !state.facts.failure))) {
            source.first_content();
            start_stream(journey, step);
            state.promised = true;
        }
        if (over && !state.promised) co_return failed(std::move(*state.facts.failure), cause);
        if (over) co_return co_await end_stream(journey, step, state);
        if (!state.promised || state.out.empty()) continue;
        const auto written = co_await ex.write(std::string_view(state.out));
        if (!written) co_return co_await cancelled(journey, step, state.facts);
        state.out.clear();
    }
}

Task<Ended> write_whole(Journey& journey, const route::Step& step, EventSource& source,
                        provider::FailureCause cause) {
    exchange::Answer answer;
    wire::Restore restore(journey.request);
    std::vector<Event> batch;
    wire::AnswerFeatures found;
    while (!answer.done && !answer.failure) {
        auto events = co_await source.next();
        if (events.empty()) break;
        batch.clear();
        for (auto& event : events) restore.apply(std::move(event), batch);
        for (auto& event : batch) {
            if (!journey.first_token && exchange::is_content(event))
                journey.first_token = journey.services.loop.clock().mono();
            wire::find(event, found);
            exchange::fold(answer, std::move(event));
        }
    }
    if (journey.exchange.gone().stopped()) co_return co_await cancelled(journey, step, answer);
    if (!answer.done && !answer.failure) answer.failure = cut_short();
    if (answer.failure) co_return failed(std::move(*answer.failure), cause);
    if (auto unfit = journey.client->unfit(journey.request, answer))
        co_return failed(std::move(*unfit), provider::FailureCause::request);
    const auto body = journey.client->whole(journey.context(step), answer);
    note_losses(journey, found);
    co_await settle(journey, step, ledger::Status::ok, served_of(answer), {});
    const auto headers = answer_headers(journey, step, "application/json");
    [[maybe_unused]] const auto sent = co_await journey.exchange.respond(200, headers, body);
    co_return Ended{};
}

}  // namespace hearth::pipeline
