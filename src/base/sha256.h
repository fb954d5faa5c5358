#pragma once
// Incremental SHA-256 (FIPS 180-4): models, the audit chain. Uses the processor's SHA instructions where available
// (about 2 GB/s, else 0.3).
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

using Digest256 = std::array<std::uint8_t, 32>;

class Sha256 {
  public:
    Sha256();
    void update(std::span<const std::uint8_t> bytes);
    void update(std::string_view bytes);
    [[nodiscard]] Digest256 finish();  // once; the object must not be used afterwards

    // For tests: the same hash without the processor's SHA instructions.
    [[nodiscard]] static Sha256 portable();

  private:
    using Compress = void (*)(std::uint32_t* state, const std::uint8_t* blocks, std::size_t count);
    explicit Sha256(Compress compress);
    std::array<std::uint32_t, 8> state_;
    std::array<std::uint8_t, 64> tail_{};
    std::size_t tail_size_ = 0;
    std::uint64_t total_ = 0;
    Compress compress_;
};

[[nodiscard]] Digest256 sha256(std::string_view bytes);
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);  // lower case

}  // namespace hearth
