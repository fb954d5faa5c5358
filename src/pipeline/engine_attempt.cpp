// One attempt at a model of our own engine: events of the worker become the client's dialect.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/journey.h"
#include "wire/openai/answer.h"
#include "wire/openai/stream_encoder.h"

namespace hearth::pipeline {

namespace {

using exchange::Event;

// The engine knows neither the answer's id nor the name by which the client asked.
void introduce(Event& event, Journey& journey, const route::Step& step) {
    auto* started = std::get_if<exchange::Started>(&event);
    if (!started) return;
    started->id =
        make_id(journey.kind == exchange::Kind::completion ? "cmpl-" : "chatcmpl-", system_random());
    started->model = step.model->id;
    started->created_s =
        std::chrono::duration_cast<seconds>(journey.services.loop.clock().wall().time_since_epoch()).count();
}

// Chat and text completions differ in their encoder only.
class Encoder {
  public:
    explicit Encoder(const Journey& journey)
        : chat_(journey.kind == exchange::Kind::chat),
          chat_encoder_(options(journey)),
          text_encoder_(options(journey)) {}
    void write(const Event& event, std::string& out) {
        if (chat_) {
            chat_encoder_.write(event, out);
        } else {
            text_encoder_.write(event, out);
        }
    }

  private:
    static wire::openai::StreamEncoderOptions options(const Journey& journey) {
        wire::openai::StreamEncoderOptions out;
        out.include_usage = journey.request.include_usage;
        if (const auto* chat = std::get_if<exchange::Chat>(&journey.request.body))
            out.legacy_functions = chat->legacy_functions;
        return out;
    }
    bool chat_;
    wire::openai::ChatStreamEncoder chat_encoder_;
    wire::openai::CompletionStreamEncoder text_encoder_;
};

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

struct StreamState {
    Encoder encoder;
    exchange::Answer facts;
    std::string out;
    bool promised = false;
};

// One batch of the worker's events into bytes; true when one of them is content.
bool encode_batch(std::vector<Event>& events, StreamState& state, Journey& journey, const route::Step& step) {
    bool content = false;
    for (auto& event : events) {
        introduce(event, journey, step);
        content |= exchange::is_content(event);
        note(state.facts, event);
        // Before content an error still leads to the next candidate, so nothing of it may be written.
        if (std::holds_alternative<Error>(event) && !state.promised && !content) continue;
        state.encoder.write(event, state.out);
    }
    return content;
}

Task<Ended> finish_stream(Journey& journey, const route::Step& step, StreamState& state) {
    if (state.facts.failure) {
        const auto error = *state.facts.failure;
        co_await settle(journey, step, ledger::Status::error, served_of(state.facts), code_name(error.code));
        [[maybe_unused]] const auto written = co_await journey.exchange.write(std::string_view(state.out));
        co_await journey.exchange.break_off();
        co_return Ended{Outcome::broken, {}};
    }
    co_await settle(journey, step, ledger::Status::ok, served_of(state.facts), {});
    [[maybe_unused]] const auto written = co_await journey.exchange.write(std::string_view(state.out));
    [[maybe_unused]] const auto finished = co_await journey.exchange.finish();
    co_return Ended{};
}

Task<Ended> stream_answer(Journey& journey, const route::Step& step, engine::Generation& generation) {
    StreamState state{.encoder = Encoder(journey), .facts = {}, .out = {}};
    auto& ex = journey.exchange;
    while (true) {
        auto events = co_await generation.next();
        const bool content = encode_batch(events, state, journey, step);
        const bool over = events.empty() || state.facts.done || state.facts.failure;
        if (ex.gone().stopped()) {
            co_await settle(journey, step, ledger::Status::cancelled, served_of(state.facts), "cancelled");
            co_return Ended{Outcome::gone, {}};
        }
        if (state.facts.failure && !state.promised && !content)
            co_return failed(std::move(*state.facts.failure));
        if (!state.promised && (content || over)) {
            start_stream(journey, step);
            state.promised = true;
        }
        if (over) co_return co_await finish_stream(journey, step, state);
        if (state.promised && !state.out.empty()) {
            const auto written = co_await ex.write(std::string_view(state.out));
            if (!written) {
                co_await settle(journey, step, ledger::Status::cancelled, served_of(state.facts),
                                "cancelled");
                co_return Ended{Outcome::gone, {}};
            }
            state.out.clear();
        }
    }
}

Task<Ended> whole_answer(Journey& journey, const route::Step& step, engine::Generation& generation) {
    exchange::Answer answer;
    while (!answer.done && !answer.failure) {
        auto events = co_await generation.next();
        if (events.empty()) break;
        for (auto& event : events) {
            introduce(event, journey, step);
            if (!journey.first_token && exchange::is_content(event)) {
                journey.first_token = journey.services.loop.clock().mono();
            }
            exchange::fold(answer, std::move(event));
        }
    }
    if (journey.exchange.gone().stopped()) {
        co_await settle(journey, step, ledger::Status::cancelled, served_of(answer), "cancelled");
        co_return Ended{Outcome::gone, {}};
    }
    if (answer.failure) co_return failed(std::move(*answer.failure));
    if (journey.kind == exchange::Kind::embedding) answer.model = step.model->id;
    wire::openai::AnswerOptions options;
    if (const auto* embedding = std::get_if<exchange::Embedding>(&journey.request.body))
        options.base64 = embedding->base64;
    if (const auto* chat = std::get_if<exchange::Chat>(&journey.request.body))
        options.legacy_functions = chat->legacy_functions;
    options.logprobs = journey.request.sampling.logprobs;
    const auto body = wire::openai::encode_answer(journey.kind, answer, options);
    co_await settle(journey, step, ledger::Status::ok, served_of(answer), {});
    const auto headers = answer_headers(journey, step, "application/json");
    [[maybe_unused]] const auto sent = co_await journey.exchange.respond(200, headers, body);
    co_return Ended{};
}

}  // namespace

Task<Ended> ask_engine(Journey& journey, const route::Step& step) {
    const auto* model = journey.services.world.own(step.model->id);
    if (!model) {
        auto gone =
            fail(Code::not_found, fmt::format("The model '{}' has been removed.", step.model->id), "model");
        co_return failed(std::move(gone.error()), provider::Blame::model);
    }
    engine::GenerateOptions options;
    if (journey.request.keep_alive_s) options.keep_alive = seconds(*journey.request.keep_alive_s);
    options.context_tokens = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(journey.request.context_tokens.value_or(0), 0, 1 << 24));
    if (journey.request.kind == exchange::Kind::completion && journey.request.completion().suffix) {
        options.priority = engine::Priority::interactive;
    }
    auto generation = co_await journey.services.supervisor.generate(*model, journey.request, options,
                                                                    journey.exchange.gone());
    if (!generation) {
        if (journey.exchange.gone().stopped()) {
            co_await settle(journey, step, ledger::Status::cancelled, {}, "cancelled");
            co_return Ended{Outcome::gone, {}};
        }
        co_return failed(std::move(generation.error()), provider::Blame::model);
    }
    if (journey.request.stream) co_return co_await stream_answer(journey, step, **generation);
    co_return co_await whole_answer(journey, step, **generation);
}

}  // namespace hearth::pipeline
