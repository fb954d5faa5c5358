// Signals as callbacks on the loop: the handler sets a bit and wakes the loop, which then checks the bits.
#include <csignal>

#include "net/loop_state.h"

namespace hearth::net {

namespace {
std::atomic<std::uint64_t> arrived{0};
std::atomic<const detail::Inbox*> listener{nullptr};

void on_arrival(int signo) {
    const int saved = errno;
    arrived.fetch_or(std::uint64_t{1} << signo);
    if (const auto* inbox = listener.load()) inbox->ring();
    errno = saved;
}
}  // namespace

namespace detail {
void LoopState::run_signals() {
    if (signal_callbacks.empty() || arrived.load(std::memory_order_relaxed) == 0) return;
    const auto bits = arrived.exchange(0);
    for (auto& [signo, callback] : signal_callbacks) {
        if ((bits >> signo & 1U) != 0) callback();
    }
}
}  // namespace detail

void Loop::on_signal(int signo, Callback callback) {
    state_->signal_callbacks[signo] = std::move(callback);
    listener = state_->inbox.get();
    struct sigaction action{};
    action.sa_handler = on_arrival;
    action.sa_flags = SA_RESTART;
    ::sigaction(signo, &action, nullptr);
}

void Loop::forget_signals() {
    for (const auto& [signo, callback] : state_->signal_callbacks) std::signal(signo, SIG_DFL);
    const auto* ours = static_cast<const detail::Inbox*>(state_->inbox.get());
    listener.compare_exchange_strong(ours, nullptr);
}

}  // namespace hearth::net
