#pragma once
// A local engine that answers with the events of a test and records what it is asked.
#include <deque>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace hearth::test {

class FakeGeneration final : public engine::Generation {
  public:
    explicit FakeGeneration(std::deque<std::vector<exchange::Event>> batches)
        : batches_(std::move(batches)) {}
    [[nodiscard]] Task<std::vector<exchange::Event>> next() override {
        if (batches_.empty()) co_return std::vector<exchange::Event>{};
        auto batch = std::move(batches_.front());
        batches_.pop_front();
        co_return batch;
    }
    [[nodiscard]] const engine::ModelFacts& model() const override { return facts_; }

  private:
    std::deque<std::vector<exchange::Event>> batches_;
    engine::ModelFacts facts_;
};

class FakeEngine final : public engine::Engine {
  public:
    explicit FakeEngine(std::vector<std::string>& trace) : trace_(trace) {}

    Task<Result<std::unique_ptr<engine::Generation>>> generate(models::Model model, exchange::Request request,
                                                               engine::GenerateOptions options,
                                                               StopToken) override {
        trace_.push_back("generate " + model.name);
        last_request = std::move(request);
        last_options = options;
        if (error) co_return fail(*error);
        co_return std::make_unique<FakeGeneration>(batches);
    }
    Task<Result<engine::ModelFacts>> load(models::Model model, engine::GenerateOptions options, StopToken,
                                          std::function<void(double)>) override {
        trace_.push_back("load " + model.name);
        last_options = options;
        if (error) co_return fail(*error);
        co_return engine::ModelFacts{};
    }
    Task<Result<void>> unload(std::string name, bool drain) override {
        trace_.push_back((drain ? "unload " : "unload at once ") + name);
        if (error) co_return fail(*error);
        co_return Result<void>{};
    }
    Task<Result<std::int64_t>> count_tokens(models::Model model, exchange::Request request,
                                            StopToken) override {
        trace_.push_back("count " + model.name);
        last_request = std::move(request);
        if (error) co_return fail(*error);
        co_return 7;
    }
    [[nodiscard]] bool loaded(std::string_view) const override { return true; }

    std::deque<std::vector<exchange::Event>> batches;  // of the answer, one for each call of next()
    std::optional<Error> error;                        // in place of any answer
    exchange::Request last_request;
    engine::GenerateOptions last_options;

  private:
    std::vector<std::string>& trace_;
};

}  // namespace hearth::test
