// One attempt at a model of our own engine: events of the worker become the client's dialect.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/answer.h"
#include "pipeline/model_settings.h"
#include "wire/ollama/request.h"
#include "wire/translate/translate.h"

namespace hearth::pipeline {

namespace {

class GenerationSource final : public EventSource {
  public:
    explicit GenerationSource(engine::Generation& generation) : generation_(generation) {}
    [[nodiscard]] Task<std::vector<exchange::Event>> next() override {
        co_return co_await generation_.next();
    }

  private:
    engine::Generation& generation_;
};

engine::GenerateOptions options_of(const Journey& journey, const exchange::Request& request) {
    engine::GenerateOptions options;
    if (request.keep_alive_s) options.keep_alive = seconds(*request.keep_alive_s);
    options.context_tokens =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(request.context_tokens.value_or(0), 0, 1 << 24));
    if (request.kind == exchange::Kind::completion && request.completion().suffix)
        options.priority = engine::Priority::interactive;
    if (journey.ingress.background) options.priority = engine::Priority::background;
    return options;
}

Task<Ended> count(Journey& journey, const route::Step& step, const models::Model& model,
                  exchange::Request request) {
    request.kind = exchange::Kind::chat;
    auto tokens =
        co_await journey.services.supervisor.count_tokens(model, std::move(request), journey.exchange.gone());
    if (!tokens) co_return failed(std::move(tokens.error()), provider::FailureCause::model);
    GivenEvents given(counted(*tokens));
    co_return co_await write_whole(journey, step, given, provider::FailureCause::model);
}

// Ollama's clients load and unload models by requests without a prompt. The answer has no text; why it ended the codec
// reads from the request itself.
Task<Ended> load_or_unload(Journey& journey, const route::Step& step, const models::Model& model) {
    auto& supervisor = journey.services.supervisor;
    Result<void> done;
    if (wire::ollama::is_unload(journey.request)) {
        done = co_await supervisor.unload(model.name, true);
        if (!done && done.error()->code == Code::not_found) done = {};  // it was not loaded
    } else {
        auto loaded =
            co_await supervisor.load(model, options_of(journey, journey.request), journey.exchange.gone());
        if (!loaded) done = fail(std::move(loaded.error()));
    }
    if (!done && journey.exchange.gone().stopped()) {
        co_await settle(journey, step, ledger::Status::cancelled, {}, "cancelled");
        co_return Ended{Outcome::gone, {}};
    }
    if (!done) co_return failed(std::move(done.error()), provider::FailureCause::model);
    GivenEvents given(nothing_to_say());
    if (journey.request.stream)
        co_return co_await write_stream(journey, step, given, provider::FailureCause::request);
    co_return co_await write_whole(journey, step, given, provider::FailureCause::request);
}

}  // namespace

Task<Ended> ask_engine(Journey& journey, const route::Step& step) {
    const auto* model = journey.services.directory.own(step.model->id);
    if (!model) {
        auto gone =
            fail(Code::not_found, fmt::format("The model '{}' has been removed.", step.model->id), "model");
        co_return failed(std::move(gone.error()), provider::FailureCause::model);
    }
    if (wire::ollama::is_load(journey.request)) co_return co_await load_or_unload(journey, step, *model);
    auto prepared = wire::translate_request(
        journey.request, {.dialect = exchange::Dialect::engine, .provider = route::kEngine});
    if (!prepared) co_return failed(std::move(prepared.error()), provider::FailureCause::request);
    journey.warnings = std::move(prepared->warnings);
    auto& request = prepared->request;
    apply_settings(model->settings, request);
    if (request.kind == exchange::Kind::count)
        co_return co_await count(journey, step, *model, std::move(request));
    const auto options = options_of(journey, request);
    auto generation = co_await journey.services.supervisor.generate(*model, std::move(request), options,
                                                                    journey.exchange.gone());
    if (!generation) {
        if (journey.exchange.gone().stopped()) {
            co_await settle(journey, step, ledger::Status::cancelled, {}, "cancelled");
            co_return Ended{Outcome::gone, {}};
        }
        co_return failed(std::move(generation.error()), provider::FailureCause::model);
    }
    GenerationSource source(**generation);
    if (journey.request.stream)
        co_return co_await write_stream(journey, step, source, provider::FailureCause::upstream);
    co_return co_await write_whole(journey, step, source, provider::FailureCause::upstream);
}

}  // namespace hearth::pipeline
