#pragma once
// A circuit breaker per upstream: after failures in a row it is not asked for a while, then one request may
// try.
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace hearth::provider {

class Circuit {
  public:
    struct Options {
        std::uint32_t failures = 5;          // in a row, that open it
        nanoseconds open_for = seconds(30);  // doubles with each failed trial, up to max_open
        nanoseconds max_open = seconds(300);
        nanoseconds max_limited = seconds(600);  // a Retry-After is believed up to this
        nanoseconds trial_for = seconds(120);  // a trial that never reports back counts as failed after this
    };
    enum class State : std::uint8_t { closed, open, half_open };  // half_open: a trial is out, or may go out

    Circuit() = default;
    explicit Circuit(Options options) : options_(options) {}

    // May a request go out now? In half_open only one at a time gets true; it must then report one of the
    // three below.
    [[nodiscard]] bool allow(Mono now);
    // The same without taking the trial: for planning.
    [[nodiscard]] bool would_allow(Mono now) const;

    void succeeded();  // any answer that is not the upstream's fault
    void failed(Mono now);
    void limited(Mono now, nanoseconds retry_after);  // 429: open until then; no count of failures
    void abandoned();                                 // the client went away: says nothing about the upstream

    [[nodiscard]] State state(Mono now) const;
    [[nodiscard]] nanoseconds retry_in(Mono now) const;  // 0 when a request may go out now
    [[nodiscard]] std::uint32_t failures() const { return failures_; }

  private:
    Options options_;
    std::uint32_t failures_ = 0;
    std::uint32_t trips_ = 0;  // openings in a row
    Mono open_until_{};        // zero: closed
    Mono trial_until_{};       // zero: no trial is out
};

[[nodiscard]] std::string_view state_name(Circuit::State state);

}  // namespace hearth::provider
