#pragma once
// A condition variable for coroutines of one thread: any number wait, notify_all() resumes the current waiters. A wait also
// ends when its stop token fires; the waiter checks the token.
#include <coroutine>
#include <optional>

#include "base/stop.h"

namespace hearth {

class Signal {
    struct Node {
        Node* prev = this;
        Node* next = this;
        void unlink() {
            prev->next = next;
            next->prev = prev;
            prev = next = this;
        }
        void push_back(Node& node) {
            node.prev = prev;
            node.next = this;
            prev->next = &node;
            prev = &node;
        }
    };

  public:
    class Wait : private Node {
      public:
        Wait(Signal& signal, StopToken stop) : signal_(signal), stop_(std::move(stop)) {}
        [[nodiscard]] bool await_ready() const { return stop_.stopped(); }
        void await_suspend(std::coroutine_handle<> h) {
            handle_ = h;
            signal_.waiters_.push_back(*this);
            stopped_.emplace(stop_, [this] {
                unlink();
                handle_.resume();
            });
        }
        void await_resume() { stopped_.reset(); }

      private:
        friend class Signal;
        Signal& signal_;
        StopToken stop_;
        std::optional<StopCallback> stopped_;
        std::coroutine_handle<> handle_;
    };

    [[nodiscard]] Wait wait(StopToken stop = {}) { return {*this, std::move(stop)}; }

    // A resumed waiter may destroy this Signal or end another wait: the list is detached first.
    void notify_all() {
        Node resumed;
        if (waiters_.next != &waiters_) {
            resumed.next = waiters_.next;
            resumed.prev = waiters_.prev;
            resumed.next->prev = resumed.prev->next = &resumed;
            waiters_.next = waiters_.prev = &waiters_;
        }
        while (resumed.next != &resumed) {
            auto* wait = static_cast<Wait*>(resumed.next);
            wait->unlink();
            wait->handle_.resume();
        }
    }

  private:
    Node waiters_;
};

}  // namespace hearth
