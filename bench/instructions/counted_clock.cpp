// A clock for counted runs, put before the C library's by LD_PRELOAD: every question moves it by a microsecond, a wait for
// events that ends without one by the time waited. Under callgrind a program is fifty times slower, and the paths that it
// takes by the time a thing took (commits that the loop makes itself or leaves to the ledger's thread, for one) would
// depend on how busy the machine is.
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <sys/syscall.h>

#include <atomic>

namespace {

constexpr long kBillion = 1'000'000'000;
constexpr long kStep = 1'000;  // ns

std::atomic<long> steps{0};

// When the first question was asked, in nanoseconds of `clock`.
long start_of(clockid_t clock) {
    timespec t{};
    syscall(SYS_clock_gettime, clock, &t);
    return t.tv_sec * kBillion + t.tv_nsec;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* out) noexcept {
    static const long monotonic = start_of(CLOCK_MONOTONIC);
    static const long realtime = start_of(CLOCK_REALTIME);
    const bool is_realtime = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (!is_realtime && clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE &&
        clock != CLOCK_BOOTTIME)
        return static_cast<int>(syscall(SYS_clock_gettime, clock, out));
    const long now =
        (is_realtime ? realtime : monotonic) + kStep * steps.fetch_add(1, std::memory_order_relaxed);
    *out = {.tv_sec = now / kBillion, .tv_nsec = now % kBillion};
    return 0;
}

extern "C" int epoll_wait(int epoll, epoll_event* events, int size, int timeout_ms) {
    const auto found =
        static_cast<int>(syscall(SYS_epoll_pwait, epoll, events, size, timeout_ms, nullptr, 0));
    if (found == 0 && timeout_ms > 0)
        steps.fetch_add(timeout_ms * 1'000'000L / kStep, std::memory_order_relaxed);
    return found;
}
