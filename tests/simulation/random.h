#pragma once
// Everything that a scenario draws comes from its seed.
#include <cstdint>
#include <span>

#include "base/time.h"

namespace hearth::simulation {

class Rng final : public Random {
  public:
    explicit Rng(std::uint64_t seed) : state_(seed) {}

    // SplitMix64 (Steele, Lea, Flood 2014).
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    [[nodiscard]] int below(int limit) {
        return static_cast<int>(next() % static_cast<std::uint64_t>(limit));
    }
    [[nodiscard]] bool chance(int percent) { return below(100) < percent; }
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(next());
    }

  private:
    std::uint64_t state_;
};

}  // namespace hearth::simulation
