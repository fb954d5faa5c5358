#pragma once
// Time and randomness are arguments, so that the pipeline can be run in a simulated loop from a seed.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

using Mono =
    std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;  // durations, deadlines
using Wall = std::chrono::sys_time<std::chrono::milliseconds>;  // for display and the ledger
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Mono mono() const = 0;
    [[nodiscard]] virtual Wall wall() const = 0;
};

// A clock that stands still until it is set: for tests.
class SimulatedClock final : public Clock {
  public:
    explicit SimulatedClock(Wall start) : start_(start) {}
    [[nodiscard]] Mono mono() const override { return now_; }
    [[nodiscard]] Wall wall() const override {
        return start_ + std::chrono::duration_cast<milliseconds>(now_ - kBegin);
    }
    void advance_to(Mono when) { now_ = std::max(now_, when); }
    // While another thread works for the test (a commit), time stands still.
    void hold(bool on) { holds_ += on ? 1 : -1; }
    [[nodiscard]] bool held() const { return holds_ > 0; }

  private:
    static constexpr Mono kBegin{std::chrono::hours(1)};  // not 0, which stands for "never" in many places
    Wall start_;
    Mono now_ = kBegin;
    int holds_ = 0;
};

class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

Clock& system_clock();
Random& system_random();  // the kernel's getrandom(2), pooled per thread

// 130 random bits as 26 characters of base 32, prefixed: "req_0c3f…". Used for request and completion ids.
[[nodiscard]] std::string make_id(std::string_view prefix, Random& random);

// RFC 3339 in UTC with milliseconds: "2026-11-22T15:00:28.123Z".
[[nodiscard]] std::string to_rfc3339(Wall when);

}  // namespace hearth
