#include "engine/supervisor/channel.h"

#include <utility>

#include "engine/supervisor/worker.h"

namespace hearth::engine {
namespace {

// Pieces that a slow reader has not taken are joined, so that memory depends on the text only.
bool joined(std::vector<exchange::Event>& events, const exchange::Event& event) {
    if (events.empty()) return false;
    const auto* piece = std::get_if<exchange::TextDelta>(&event);
    auto* last = std::get_if<exchange::TextDelta>(&events.back());
    if (!piece || !last || piece->choice != last->choice) return false;
    last->text += piece->text;
    return true;
}

class WorkerGeneration final : public Generation {
  public:
    WorkerGeneration(std::shared_ptr<Worker> worker, std::shared_ptr<Channel> channel, ModelFacts facts,
                     const StopToken& stop)
        : worker_(std::move(worker)),
          channel_(std::move(channel)),
          facts_(std::move(facts)),
          stop_(stop, [this, stop] { give_up(stop.reason()); }) {}
    ~WorkerGeneration() override { worker_->cancel(*channel_); }
    WorkerGeneration(const WorkerGeneration&) = delete;
    WorkerGeneration& operator=(const WorkerGeneration&) = delete;

    Task<std::vector<exchange::Event>> next() override {
        const auto channel = channel_;
        co_await channel->wait();
        co_return std::exchange(channel->events, {});
    }
    const ModelFacts& model() const override { return facts_; }

  private:
    void give_up(const Error& why) {
        if (channel_->ended) return;
        worker_->cancel(*channel_);
        channel_->push(why);
        channel_->wake();
    }
    std::shared_ptr<Worker> worker_;
    std::shared_ptr<Channel> channel_;
    ModelFacts facts_;
    StopCallback stop_;
};

}  // namespace

void Channel::push(exchange::Event event) {
    if (ended) return;
    if (std::holds_alternative<exchange::Started>(event)) started = true;
    if (exchange::is_content(event)) content = true;
    if (std::holds_alternative<exchange::Done>(event) || std::holds_alternative<Error>(event)) ended = true;
    if (!joined(events, event)) events.push_back(std::move(event));
}

void Channel::wake() {
    // A second wake-up may find nothing, since the first took all events: that is not the end.
    if (events.empty() && !ended) return;
    if (auto waiter = std::exchange(waiter_, nullptr)) waiter.resume();
}

std::unique_ptr<Generation> make_generation(std::shared_ptr<Worker> worker, std::shared_ptr<Channel> channel,
                                            ModelFacts facts, const StopToken& stop) {
    return std::make_unique<WorkerGeneration>(std::move(worker), std::move(channel), std::move(facts), stop);
}

}  // namespace hearth::engine
