#pragma once
// Polls for Ctrl-C during the object's lifetime. One object at a time.
#include <atomic>
#include <csignal>

namespace hearth::cli {

class Interrupt {
  public:
    Interrupt() {
        flag() = false;
        struct sigaction action{};
        action.sa_handler = [](int) { flag() = true; };
        (void)::sigaction(SIGINT, &action, &before_);  // no SA_RESTART: waits end early
    }
    ~Interrupt() { (void)::sigaction(SIGINT, &before_, nullptr); }
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    [[nodiscard]] bool pressed() const { return flag(); }

  private:
    static std::atomic<bool>& flag() {
        static std::atomic<bool> pressed = false;
        return pressed;
    }
    struct sigaction before_{};
};

}  // namespace hearth::cli
