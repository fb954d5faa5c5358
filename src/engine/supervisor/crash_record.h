#pragma once
// Recent crashes of a model's worker and their consequence: exponential back-off, then quarantine after too many. Pure: the
// time is an argument. Internal to the supervisor.
#include <algorithm>
#include <vector>

#include "base/time.h"

namespace hearth::engine {

class CrashRecord {
  public:
    struct Rules {
        int to_quarantine = 3;
        seconds window{600};
        milliseconds first{500}, most{30'000};
    };

    explicit CrashRecord(Rules rules) : rules_(rules) {}

    void crashed(Mono now) {
        forget_old(now);
        when_.push_back(now);
    }
    void clear() { when_.clear(); }

    [[nodiscard]] int count(Mono now) {
        forget_old(now);
        return static_cast<int>(when_.size());
    }
    // Starts at the crash that exceeds the limit, lasts one window.
    [[nodiscard]] bool quarantined(Mono now) { return count(now) >= rules_.to_quarantine; }
    // The earliest time for another start; in the past if unrestricted.
    [[nodiscard]] Mono not_before(Mono now) {
        const int n = count(now);
        if (n == 0) return now;
        if (n >= rules_.to_quarantine)
            return when_[when_.size() - static_cast<std::size_t>(rules_.to_quarantine)] + rules_.window;
        auto wait = rules_.first;
        for (int i = 1; i < n && wait < rules_.most; ++i) wait *= 2;
        return when_.back() + std::min(wait, rules_.most);
    }

  private:
    void forget_old(Mono now) {
        std::erase_if(when_, [&](Mono at) { return at + rules_.window <= now; });
    }
    Rules rules_;
    std::vector<Mono> when_;
};

}  // namespace hearth::engine
