#pragma once
// Cancellation on one thread: a source is stopped once; callbacks run then, in order of registration.
// Used for client disconnects, deadlines and shutdown. std::stop_token locks a mutex, which one loop does not need.
#include <functional>
#include <memory>
#include <utility>

#include "base/error.h"

namespace hearth {

namespace detail {
struct StopNode {
    StopNode* prev = this;
    StopNode* next = this;
    std::move_only_function<void()> callback;
    void unlink() {
        prev->next = next;
        next->prev = prev;
        prev = next = this;
    }
};
struct StopState {
    StopNode head;
    bool stopped = false;
    Error reason;
};
}  // namespace detail

class StopToken {
  public:
    StopToken() = default;  // never stops
    explicit StopToken(std::shared_ptr<detail::StopState> state) : state_(std::move(state)) {}
    [[nodiscard]] bool stopped() const { return state_ && state_->stopped; }
    [[nodiscard]] const Error& reason() const { return state_->reason; }  // only when stopped()

  private:
    friend class StopCallback;
    std::shared_ptr<detail::StopState> state_;
};

class StopSource {
  public:
    StopSource() : state_(std::make_shared<detail::StopState>()) {}
    [[nodiscard]] StopToken token() const { return StopToken(state_); }
    [[nodiscard]] bool stopped() const { return state_->stopped; }
    void stop(Error reason) {
        const auto keep = state_;
        if (keep->stopped) return;
        keep->stopped = true;
        keep->reason = std::move(reason);
        while (keep->head.next != &keep->head) {
            auto* node = keep->head.next;
            node->unlink();
            auto callback = std::move(node->callback);  // it may destroy its own StopCallback
            callback();
        }
    }

  private:
    std::shared_ptr<detail::StopState> state_;
};

// Runs `callback` when the token stops (at once if it has); unregisters when destroyed. Not movable: it is a scope guard.
class StopCallback {
  public:
    StopCallback(const StopToken& token, std::move_only_function<void()> callback) : state_(token.state_) {
        if (!state_) return;
        if (state_->stopped) {
            callback();
            return;
        }
        node_.callback = std::move(callback);
        node_.prev = state_->head.prev;
        node_.next = &state_->head;
        node_.prev->next = &node_;
        state_->head.prev = &node_;
    }
    ~StopCallback() { node_.unlink(); }
    StopCallback(const StopCallback&) = delete;
    StopCallback& operator=(const StopCallback&) = delete;

  private:
    std::shared_ptr<detail::StopState> state_;
    detail::StopNode node_;
};

}  // namespace hearth
