#include "provider/circuit.h"

#include <algorithm>

namespace hearth::provider {

bool Circuit::would_allow(Mono now) const {
    if (open_until_ == Mono{}) return true;
    if (now < open_until_) return false;
    return trial_until_ == Mono{} || now >= trial_until_;
}

bool Circuit::allow(Mono now) {
    if (!would_allow(now)) return false;
    if (open_until_ != Mono{}) trial_until_ = now + options_.trial_for;
    return true;
}

void Circuit::succeeded() {
    failures_ = 0;
    // While it is open and no trial is out, this is the late answer to an old request: what opened it is newer.
    if (open_until_ != Mono{} && trial_until_ == Mono{}) return;
    trips_ = 0;
    open_until_ = trial_until_ = Mono{};
}

void Circuit::failed(Mono now) {
    if (failures_ < options_.failures) ++failures_;
    const bool was_trial = trial_until_ != Mono{};
    trial_until_ = Mono{};
    if (!was_trial && (failures_ < options_.failures || now < open_until_)) return;
    const auto doubled = options_.open_for * (std::int64_t{1} << std::min<std::uint32_t>(trips_, 16));
    if (trips_ < 16) ++trips_;
    open_until_ = std::max(open_until_, now + std::min(doubled, options_.max_open));
}

void Circuit::limited(Mono now, nanoseconds retry_after) {
    trial_until_ = Mono{};
    const auto wait = std::clamp(retry_after, nanoseconds(0), options_.max_limited);
    if (wait == nanoseconds(0)) return;
    open_until_ = std::max(open_until_, now + wait);
}

void Circuit::abandoned() {
    trial_until_ = Mono{};
}

Circuit::State Circuit::state(Mono now) const {
    if (open_until_ == Mono{}) return State::closed;
    return now < open_until_ ? State::open : State::half_open;
}

nanoseconds Circuit::retry_in(Mono now) const {
    if (would_allow(now)) return nanoseconds(0);
    return (now < open_until_ ? open_until_ : trial_until_) - now;
}

std::string_view state_name(Circuit::State state) {
    switch (state) {
        case Circuit::State::closed:
            return "closed";
        case Circuit::State::open:
            return "open";
        case Circuit::State::half_open:
            return "half_open";
    }
    return "unknown";
}

}  // namespace hearth::provider
