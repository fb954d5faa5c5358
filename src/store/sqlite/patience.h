#pragma once
// Whether a loop may write to the disk by itself: a commit is a write into the page cache and takes some ten
// microseconds, but a disk that is slow or full of other people's writes can make it wait, and everything on the loop
// with it. After one slow commit the loop leaves them to the thread for a while, twice as long each time.
#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace hearth::store::sqlite {

class Patience {
  public:
    static constexpr nanoseconds kSlow = milliseconds(5);
    static constexpr nanoseconds kFirstPause = milliseconds(250), kLongestPause = seconds(16);

    explicit Patience(nanoseconds slow = kSlow) : slow_(slow) {}

    [[nodiscard]] bool has(Mono now) const { return now >= again_; }
    void took(nanoseconds duration, Mono now) {
        if (duration < slow_) {
            if (now - again_ > 4 * pause_) pause_ = kFirstPause;  // it has been quick for long enough
            return;
        }
        again_ = now + pause_;
        pause_ = std::min<nanoseconds>(2 * pause_, kLongestPause);
    }

  private:
    nanoseconds slow_;
    Mono again_{};
    nanoseconds pause_ = kFirstPause;
};

}  // namespace hearth::store::sqlite
