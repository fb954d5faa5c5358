#pragma once
// The local engine of the simulation: generates the act's text.
#include "engine/engine.h"
#include "log.h"
#include "net/loop.h"
#include "network.h"

namespace hearth::simulation {

class Engine final : public engine::Engine {
  public:
    explicit Engine(net::Loop& loop) : loop_(loop) {}
    void begin(const Scenario& scenario, Log& log, Rng& rng, std::function<void()> leave) {
        scenario_ = &scenario;
        log_ = &log;
        rng_ = &rng;
        leave_ = std::move(leave);
    }

    Task<Result<std::unique_ptr<engine::Generation>>> generate(models::Model model, exchange::Request request,
                                                               engine::GenerateOptions options,
                                                               StopToken stop) override;
    Task<Result<engine::ModelFacts>> load(models::Model, engine::GenerateOptions, StopToken,
                                          std::function<void(double)>) override {
        co_return engine::ModelFacts{};
    }
    Task<Result<void>> unload(std::string, bool) override { co_return Result<void>{}; }
    Task<Result<std::int64_t>> count_tokens(models::Model, exchange::Request, StopToken) override {
        co_return 7;
    }
    [[nodiscard]] bool loaded(std::string_view) const override { return true; }

  private:
    class Generation;
    net::Loop& loop_;
    const Scenario* scenario_ = nullptr;
    Log* log_ = nullptr;
    Rng* rng_ = nullptr;
    std::function<void()> leave_;
};

}  // namespace hearth::simulation
