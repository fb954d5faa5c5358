#include "engine.h"

#include <algorithm>

namespace hearth::simulation {

using exchange::Event;

namespace {

Error engine_error(Code code, std::string message) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    return error;
}

bool fails_at_start(Fault fault) {
    return fault == Fault::refused_connection || fault == Fault::status_500 || fault == Fault::status_429 ||
           fault == Fault::status_401 || fault == Fault::wrong_type || fault == Fault::garbage ||
           fault == Fault::silent;
}

}  // namespace

class Engine::Generation final : public engine::Generation {
  public:
    Generation(Engine& engine, const Act& act, StopToken stop)
        : engine_(engine), act_(act), stop_(std::move(stop)) {
        events_ = events_of(act, act.fault == Fault::error_event);
        const bool cut = act.fault == Fault::cut_early || act.fault == Fault::cut_late;
        if (cut) events_.resize(act.fault == Fault::cut_early ? 1 : 2);
        if (cut) events_.emplace_back(engine_error(Code::unavailable, "The worker has died."));
    }
    Task<std::vector<Event>> next() override {
        std::vector<Event> out;
        if (at_ == events_.size()) co_return out;
        const bool slow = act_.fault == Fault::slow;
        co_await engine_.loop_.sleep(milliseconds(engine_.rng_->below(slow ? 30'000 : 20)), stop_);
        if (act_.fault == Fault::client_leaves && at_ <= 1) engine_.leave_();
        if (act_.fault == Fault::client_leaves_late && at_ > 2) engine_.leave_();
        if (stop_.stopped()) {
            at_ = events_.size();
            out.emplace_back(stop_.reason());
            co_return out;
        }
        const auto count = 1 + static_cast<std::size_t>(engine_.rng_->below(2));
        for (std::size_t i = 0; i < count && at_ < events_.size(); ++i) out.push_back(events_[at_++]);
        co_return out;
    }
    [[nodiscard]] const engine::ModelFacts& model() const override { return facts_; }

  private:
    Engine& engine_;
    const Act& act_;
    StopToken stop_;
    std::vector<Event> events_;
    std::size_t at_ = 0;
    engine::ModelFacts facts_;
};

Task<Result<std::unique_ptr<engine::Generation>>> Engine::generate(models::Model, exchange::Request,
                                                                   engine::GenerateOptions, StopToken stop) {
    const auto number = static_cast<std::size_t>(
        std::ranges::find_if(scenario_->acts,
                             [](const Act& act) { return act.upstream == kNetworkUpstreams; }) -
        scenario_->acts.begin());
    if (number == scenario_->acts.size()) {
        log_->fails("the engine was asked although it is no candidate");
        co_return fail(Code::internal, "no candidate");
    }
    const auto& act = scenario_->acts[number];
    log_->seen.push_back(
        {.upstream = kNetworkUpstreams, .act = number, .entry = log_->entry, .charged = 0, .full = {}});
    co_await loop_.sleep(milliseconds(rng_->below(50)), stop);
    if (stop.stopped()) co_return fail(stop.reason());
    if (fails_at_start(act.fault)) co_return fail(Code::unavailable, "The model could not be loaded.");
    co_return std::make_unique<Generation>(*this, act, std::move(stop));
}

}  // namespace hearth::simulation
