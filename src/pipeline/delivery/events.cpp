// Answers that come as events, from our engine, from an upstream of another dialect, or because a filter or a verifier
// looks at them: written in the client's dialect.
#include <cassert>

#include "base/limits.h"
#include "pipeline/delivery/delivery.h"

namespace hearth::pipeline {

namespace {

using exchange::Event;

Error cut_short() {
    Error error;
    error.code = Code::upstream_broken;
    error.message = "The answer ended before it was whole.";
    return error;
}

// What a held event keeps in memory, nearly.
std::size_t bytes_of(const Event& event) {
    constexpr std::size_t kEvent = 64;
    if (const auto* text = std::get_if<exchange::TextDelta>(&event)) return kEvent + text->text.size();
    if (const auto* thought = std::get_if<exchange::ReasoningDelta>(&event))
        return kEvent + thought->text.size() + thought->opaque.size();
    if (const auto* call = std::get_if<exchange::ToolCallDelta>(&event))
        return kEvent + call->arguments.size() + call->opaque.size();
    if (const auto* media = std::get_if<exchange::MediaDelta>(&event)) return kEvent + media->data.size();
    if (const auto* vector = std::get_if<exchange::EmbeddingVector>(&event))
        return kEvent + vector->values.size() * sizeof(float);
    return kEvent;
}

Error too_large() {
    Error error;
    error.code = Code::upstream_failed;
    error.message = "The answer is larger than a whole answer may be.";
    error.limit = static_cast<std::int64_t>(limits::kReplyBytes);
    return error;
}

void take_facts(Outcome& outcome, const exchange::Answer& answer) {
    outcome.usage = answer.usage;
    if (!answer.choices.empty()) outcome.finish = finish_name(answer.choices.front().finish);
}

}  // namespace

wire::AnswerContext Delivery::answer_context(const Attempt& attempt) const {
    wire::AnswerContext answer;
    answer.request = &context_.request();
    answer.endpoint = context_.ingress.call.endpoint;
    answer.model = attempt.model().id;
    answer.origin = attempt.model().provider;
    answer.id = make_id({}, ports_.random);
    answer.created_s = ports_.now_s();
    return answer;
}

// Events into bytes. Deltas are forgotten once they are written: only what the settlement needs is kept.
struct Delivery::EventWriter {
    wire::AnswerContext context;
    std::unique_ptr<wire::StreamEncoder> encoder;
    exchange::Answer facts{};
    wire::AnswerFeatures features{};
    std::string out{};

    // True when one of them is content.
    bool write(const std::vector<Event>& events, bool promised) {
        bool content = false;
        for (const auto& event : events) {
            content |= exchange::is_content(event);
            wire::find(event, features);
            const bool fact = std::holds_alternative<exchange::Finish>(event) ||
                              std::holds_alternative<exchange::UsageEvent>(event) ||
                              std::holds_alternative<exchange::Done>(event) ||
                              std::holds_alternative<Error>(event);
            if (fact) exchange::fold(facts, event);
            // Before content an error still leads to the next candidate, so nothing of it may be written.
            if (std::holds_alternative<Error>(event) && !promised && !content) continue;
            encoder->write(event, out);
        }
        return content;
    }
    [[nodiscard]] bool over() const { return facts.done || facts.failure.has_value(); }
};

// The head is gone: what the client's dialect has no place for stands in the ledger alone.
void Delivery::end_stream(EventWriter& writer, Outcome& outcome) {
    outcome.losses = wire::losses(writer.features, context_.ingress.dialect);
    bytes_ = std::move(writer.out);
    ending_ = Ending::stream;
    if (!writer.facts.failure) return;
    outcome.result = AttemptResult::failed_midstream;
    outcome.failure = failure(std::move(*writer.facts.failure));
    ending_ = Ending::broken;
}

Task<Outcome> Delivery::write_stream(Attempt& attempt, FilterChain filters) {
    Outcome outcome;
    outcome.answered = attempt.answer->from_upstream();
    auto& http = context_.http;
    EventWriter writer{.context = answer_context(attempt), .encoder = nullptr};
    writer.encoder = context_.codec.stream(writer.context);
    while (true) {
        auto events = co_await attempt.answer->next();
        const bool ended = events.empty();
        if (!filters.empty()) events = filters.apply(std::move(events));
        const bool content = writer.write(events, promised_);
        take_facts(outcome, writer.facts);
        if (context_.client_gone()) {
            outcome.result = AttemptResult::client_disconnected;
            co_return outcome;
        }
        if (ended && !writer.over()) writer.write({Event(cut_short())}, promised_);
        const bool over = writer.over();
        if (!promised_ && (content || (over && !writer.facts.failure))) start_stream(attempt, outcome);
        if (over && !promised_) {
            outcome.result = AttemptResult::failed_before_first_byte;
            outcome.failure = failure(std::move(*writer.facts.failure), attempt.answer->cause());
            co_return outcome;
        }
        if (over) {
            end_stream(writer, outcome);
            co_return outcome;
        }
        if (!promised_ || writer.out.empty()) continue;
        if (!co_await http.write(std::string_view(writer.out))) {
            outcome.result = AttemptResult::client_disconnected;
            co_return outcome;
        }
        writer.out.clear();
    }
}

Task<Outcome> Delivery::write_held(Attempt& attempt, FilterChain filters,
                                   std::unique_ptr<Verifier> verifier) {
    Outcome outcome;
    outcome.answered = attempt.answer->from_upstream();
    exchange::Answer answer;
    wire::AnswerFeatures features;
    std::vector<Event> held;  // for a client that streams
    std::size_t bytes = 0;
    while (!answer.done && !answer.failure) {
        auto events = co_await attempt.answer->next();
        if (events.empty()) break;
        if (!filters.empty()) events = filters.apply(std::move(events));
        for (auto& event : events) {
            if (!outcome.first_token && exchange::is_content(event)) {
                outcome.first_token = ports_.now();
                attempt.answer->first_content();  // it may take its time from here on
            }
            wire::find(event, features);
            bytes += bytes_of(event);
            if (context_.stream()) held.push_back(event);
            exchange::fold(answer, std::move(event));
        }
        if (bytes > limits::kReplyBytes) answer.failure = too_large();
    }
    take_facts(outcome, answer);
    if (context_.client_gone()) {
        outcome.result = AttemptResult::client_disconnected;
        co_return outcome;
    }
    if (!answer.done && !answer.failure) answer.failure = cut_short();
    if (!answer.failure && verifier) {
        auto judgement = co_await verifier->judge(context_, answer);
        if (judgement.escalate) {
            outcome.result = AttemptResult::failed_before_first_byte;
            Error rejected;
            rejected.code = Code::answer_rejected;
            rejected.message = std::move(*judgement.escalate);
            outcome.failure = failure(std::move(rejected), provider::FailureCause::model);
            co_return outcome;
        }
    }
    if (answer.failure) {
        outcome.result = AttemptResult::failed_before_first_byte;
        outcome.failure = failure(std::move(*answer.failure), attempt.answer->cause());
        co_return outcome;
    }
    if (context_.stream()) {
        EventWriter writer{.context = answer_context(attempt), .encoder = nullptr};
        writer.encoder = context_.codec.stream(writer.context);
        start_stream(attempt, outcome);
        writer.write(held, true);
        end_stream(writer, outcome);
        co_return outcome;
    }
    auto body = context_.codec.whole(answer_context(attempt), answer);
    // Before the head is written, so that the client is told too.
    for (auto& loss : wire::losses(features, context_.ingress.dialect))
        attempt.warnings.push_back(std::move(loss));
    end_whole(attempt, 200, answer_headers(attempt, "application/json"), std::move(body));
    co_return outcome;
}

}  // namespace hearth::pipeline
