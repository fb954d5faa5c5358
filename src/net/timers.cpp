// The wheel of coarse deadlines and the ordered list of sleeps.
#include "net/loop_state.h"

namespace hearth::net {

namespace detail {

struct SleepNode {
    LoopState& state;
    Mono when;
    const StopToken& stop;
    std::coroutine_handle<> handle;
    std::multimap<Mono, SleepNode*>::iterator at;
    std::optional<StopCallback> on_stop;

    bool await_ready() const { return stop.stopped(); }
    void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        at = state.sleepers.emplace(when, this);
        on_stop.emplace(stop, [this] {  // fires in the next tick instead of inside the stopping code
            state.sleepers.erase(at);
            at = state.sleepers.emplace(Mono::min(), this);
        });
    }
    void await_resume() const {}
};

void LoopState::wake_sleepers() {
    while (!sleepers.empty() && sleepers.begin()->first <= now) {
        SleepNode* node = sleepers.begin()->second;
        sleepers.erase(sleepers.begin());
        node->on_stop.reset();
        node->handle.resume();
    }
}

void LoopState::place(Deadline& deadline) {
    // One tick later than the time itself, so that a deadline never fires early; at most one turn ahead.
    auto tick = std::max(tick_of(deadline.when_) + 1, swept_tick + 1);
    tick = std::min(tick, swept_tick + static_cast<std::int64_t>(kSlots) - 1);
    deadline.slot_tick_ = tick;
    const auto slot = static_cast<std::size_t>(tick) % kSlots;
    wheel[slot].push_back(deadline);
    maybe_used.set(slot);
}

void LoopState::sweep() {
    const auto current = tick_of(now);
    if (current - swept_tick >= static_cast<std::int64_t>(kSlots))
        swept_tick = current - static_cast<std::int64_t>(kSlots) + 1;
    while (swept_tick < current) {
        ++swept_tick;
        const auto slot = static_cast<std::size_t>(swept_tick) % kSlots;
        if (!maybe_used.test(slot)) continue;
        maybe_used.reset(slot);
        Link due;
        while (wheel[slot].linked()) due.push_back(*wheel[slot].next);
        while (due.linked()) {
            auto& deadline = static_cast<Deadline&>(*due.next);
            deadline.unlink();
            if (!deadline.armed()) continue;
            if (deadline.when_ > now) {
                place(deadline);
                continue;
            }
            deadline.disarm();
            deadline.callback_();
        }
    }
}

Mono LoopState::next_due() const {
    Mono next = Mono::max();
    if (!sleepers.empty()) next = sleepers.begin()->first;
    if (maybe_used.any()) {
        for (std::int64_t tick = swept_tick + 1;; ++tick) {
            if (!maybe_used.test(static_cast<std::size_t>(tick) % kSlots)) continue;
            next = std::min(next, Mono(Deadline::kTick * tick));
            break;
        }
    }
    return next;
}

int LoopState::wait_ms() const {
    if (deferred.linked()) return 0;
    const auto next = next_due();
    if (next == Mono::max()) return -1;
    if (next <= now) return 0;
    const auto ms = std::chrono::ceil<milliseconds>(next - now).count();
    return static_cast<int>(std::min<std::int64_t>(ms, 60'000));
}

void LoopState::advance_simulated_clock() {
    if (deferred.linked()) return;
    const auto next = next_due();
    if (next != Mono::max() && next > now) simulated->advance_to(next);
}

}  // namespace detail

void Deadline::arm(Mono when) {
    when_ = when;
    auto& state = loop_.state();
    if (linked() && slot_tick_ <= detail::LoopState::tick_of(when) + 1) return;
    state.place(*this);
}

void Deadline::arm_in(nanoseconds delay) {
    arm(loop_.now() + delay);
}

Task<void> Loop::sleep(nanoseconds duration, StopToken stop) {
    detail::SleepNode node{*state_, now() + duration, stop, {}, {}, {}};
    co_await node;
}

}  // namespace hearth::net
