// An answer of another dialect than the client's: read as events, written by answer.h.
#include "pipeline/answer.h"
#include "pipeline/attempt.h"

namespace hearth::pipeline {

namespace {

using exchange::Event;

class ResponseSource final : public EventSource {
  public:
    ResponseSource(client::Response& response, std::unique_ptr<wire::StreamDecoder> decoder,
                   AttemptStop& stop)
        : response_(response), decoder_(std::move(decoder)), stop_(stop) {}

    [[nodiscard]] Task<std::vector<Event>> next() override {
        std::vector<Event> events;
        while (events.empty() && !ended_) {
            if (decoder_->over()) {
                end(events);
                break;
            }
            const auto piece = co_await response_.read();
            if (!piece) {
                ended_ = true;
                events.emplace_back(static_cast<const Error&>(piece.error()));
            } else if (piece->empty()) {
                end(events);
            } else {
                decoder_->feed(*piece, events);
            }
        }
        co_return events;
    }
    void first_content() override { stop_.first_token_came(); }

  private:
    void end(std::vector<Event>& events) {
        ended_ = true;
        decoder_->finish(events);
    }

    client::Response& response_;
    std::unique_ptr<wire::StreamDecoder> decoder_;
    AttemptStop& stop_;
    bool ended_ = false;
};

// What the answer says of the provider's health.
void note_health(Journey& journey, const route::Step& step, const Ended& ended) {
    auto& health = journey.services.health;
    const auto& provider = step.model->provider;
    if (ended.outcome == Outcome::answered) health.succeeded(provider);
    if (ended.outcome == Outcome::gone) health.abandoned(provider);
    if (ended.outcome == Outcome::broken)
        health.failed(provider, provider::FailureCause::upstream, ended.verdict.error);
}

}  // namespace

Task<Ended> translate_stream(Journey& journey, const route::Step& step, const UpstreamWire& wire,
                             std::unique_ptr<client::Response> response, AttemptStop& stop) {
    ResponseSource source(*response, wire.codec.stream(journey.request), stop);
    auto ended = co_await write_stream(journey, step, source, provider::FailureCause::upstream);
    note_health(journey, step, ended);
    if (ended.outcome == Outcome::answered) spawn(drain(std::move(response)));
    co_return ended;
}

Task<Ended> translate_answer(Journey& journey, const route::Step& step, const UpstreamWire& wire,
                             client::Response& response) {
    const auto body = co_await response.read_all();
    if (journey.exchange.gone().stopped()) co_return co_await client_gone(journey, step, {});
    if (!body) co_return failed(body.error());
    auto answer = wire.codec.whole(journey.request.kind, *body, journey.services.scratch);
    if (!answer) co_return failed(std::move(answer.error()));
    answer->done = !answer->failure;
    GivenEvents source(exchange::unfold(*answer));
    auto ended = co_await write_whole(journey, step, source, provider::FailureCause::upstream);
    note_health(journey, step, ended);
    co_return ended;
}

}  // namespace hearth::pipeline
