#pragma once
// Buffers one request's events between the worker that produces them and the Generation that returns them. Internal to the
// supervisor.
#include <coroutine>
#include <memory>
#include <vector>

#include "engine/protocol/message.h"
#include "engine/supervisor/supervisor.h"

namespace hearth::engine {

class Worker;

struct Channel {
    RequestId id = 0;
    bool started = false;                 // a sequence was found for it
    bool content = false;                 // content for the client has arrived
    bool ended = false;                   // Done or Error has arrived
    std::vector<exchange::Event> events;  // pending; adjacent pieces of text are joined

    void push(exchange::Event event);
    void wake();

    struct Wait {
        Channel& channel;
        [[nodiscard]] bool await_ready() const { return !channel.events.empty() || channel.ended; }
        void await_suspend(std::coroutine_handle<> h) const { channel.waiter_ = h; }
        void await_resume() const {}
    };
    [[nodiscard]] Wait wait() { return {*this}; }

  private:
    std::coroutine_handle<> waiter_;
};

[[nodiscard]] std::unique_ptr<Generation> make_generation(std::shared_ptr<Worker> worker,
                                                          std::shared_ptr<Channel> channel, ModelFacts facts,
                                                          const StopToken& stop);

}  // namespace hearth::engine
