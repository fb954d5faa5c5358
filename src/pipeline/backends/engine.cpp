#include <fmt/format.h>

#include <algorithm>

#include "pipeline/backends/backend.h"
#include "pipeline/backends/model_settings.h"
#include "wire/ollama/request.h"
#include "wire/translate/translate.h"

namespace hearth::pipeline {

namespace {

using provider::FailureCause;

class EngineAnswer final : public AnswerStream {
  public:
    explicit EngineAnswer(std::unique_ptr<engine::Generation> generation)
        : generation_(std::move(generation)) {}
    [[nodiscard]] Task<std::vector<exchange::Event>> next() override { return generation_->next(); }

  private:
    std::unique_ptr<engine::Generation> generation_;
};

engine::GenerateOptions options_of(const RequestContext& context, const exchange::Request& request) {
    engine::GenerateOptions options;
    if (request.keep_alive_s) options.keep_alive = seconds(*request.keep_alive_s);
    options.context_tokens =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(request.context_tokens.value_or(0), 0, 1 << 24));
    if (request.kind == exchange::Kind::completion && request.completion().suffix)
        options.priority = engine::Priority::interactive;
    if (context.ingress.background) options.priority = engine::Priority::background;
    return options;
}

std::unexpected<std::unique_ptr<provider::Failure>> fails(Error error,
                                                          FailureCause cause = FailureCause::model) {
    return std::unexpected(failure(std::move(error), cause));
}

// Ollama's clients load and unload models by requests without a prompt. The answer has no text; why it ended the codec
// reads from the request itself.
Task<Started> load_or_unload(Ports& ports, const RequestContext& context, models::Model model) {
    if (wire::ollama::is_unload(context.request())) {
        auto done = co_await ports.engine.unload(model.name, true);
        if (!done && done.error()->code != Code::not_found) co_return fails(std::move(done.error()));
        co_return empty_answer();
    }
    const auto loaded = co_await ports.engine.load(std::move(model), options_of(context, context.request()),
                                                   context.http.gone());
    if (!loaded) co_return fails(loaded.error());
    co_return empty_answer();
}

Task<Started> count(Ports& ports, const RequestContext& context, models::Model model,
                    exchange::Request request) {
    request.kind = exchange::Kind::chat;
    auto tokens =
        co_await ports.engine.count_tokens(std::move(model), std::move(request), context.http.gone());
    if (!tokens) co_return fails(std::move(tokens.error()));
    co_return counted(*tokens);
}

class EngineBackend final : public Backend {
  public:
    [[nodiscard]] Task<Started> start(Ports& ports, const RequestContext& context,
                                      Attempt& attempt) const override {
        const auto* model = ports.directory.own(attempt.model().id);
        if (!model) {
            auto gone = fail(Code::not_found,
                             fmt::format("The model '{}' has been removed.", attempt.model().id), "model");
            co_return fails(std::move(gone.error()));
        }
        if (wire::ollama::is_load(context.request()))
            co_return co_await load_or_unload(ports, context, *model);
        auto translated = wire::translate_request(
            context.request(), {.dialect = exchange::Dialect::engine, .provider = route::kEngine});
        if (!translated) co_return fails(std::move(translated.error()), FailureCause::request);
        attempt.warnings = std::move(translated->warnings);
        auto& request = translated->request;
        apply_settings(model->settings, request);
        if (request.kind == exchange::Kind::count)
            co_return co_await count(ports, context, *model, std::move(request));
        const auto options = options_of(context, request);
        auto generation =
            co_await ports.engine.generate(*model, std::move(request), options, context.http.gone());
        if (!generation) co_return fails(std::move(generation.error()));
        co_return std::make_unique<EngineAnswer>(std::move(*generation));
    }
};

}  // namespace

bool serves_engine(const RequestContext&, const Attempt& attempt) {
    return attempt.upstream == nullptr;
}

const Backend& engine_backend() {
    static const EngineBackend backend;
    return backend;
}

}  // namespace hearth::pipeline
