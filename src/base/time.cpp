#include "base/time.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace hearth {

namespace {

class SystemClock final : public Clock {
  public:
    Mono mono() const override { return std::chrono::steady_clock::now(); }
    Wall wall() const override { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }
};

// Every request needs ids: one system call fills a pool for many of them.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) {
            if (next_ == pool_.size()) refill();
            byte = std::exchange(pool_[next_++], std::uint8_t{0});
        }
    }

  private:
    void refill() {
        std::size_t have = 0;
        while (have < pool_.size()) {
            const ssize_t n = getrandom(pool_.data() + have, pool_.size() - have, 0);
            if (n > 0) {
                have += static_cast<std::size_t>(n);
            } else if (errno != EINTR) {
                std::abort();  // no randomness: continuing would be unsafe
            }
        }
        next_ = 0;
    }
    std::array<std::uint8_t, 512> pool_{};
    std::size_t next_ = pool_.size();
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

Random& system_random() {
    thread_local SystemRandom random;
    return random;
}

std::string make_id(std::string_view prefix, Random& random) {
    static constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    std::array<std::uint8_t, 26> bytes{};
    random.fill(bytes);
    std::string id;
    id.reserve(prefix.size() + bytes.size());
    id += prefix;
    for (const auto byte : bytes) id += kAlphabet[byte & 31];
    return id;
}

std::string to_rfc3339(Wall when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{when - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()}, unsigned{date.month()},
                       unsigned{date.day()}, time.hours().count(), time.minutes().count(),
                       time.seconds().count(), time.subseconds().count());
}

}  // namespace hearth
