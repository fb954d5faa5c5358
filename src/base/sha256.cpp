#include "base/sha256.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace hearth {
namespace {

constexpr std::array<std::uint32_t, 64> kRound{
    // FIPS 180-4, 4.2.2
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void compress_portable(std::uint32_t* state, const std::uint8_t* blocks, std::size_t count) {
    for (; count > 0; --count, blocks += 64) {
        std::array<std::uint32_t, 64> w;
        for (std::size_t i = 0; i < 16; ++i) {
            w[i] = std::uint32_t{blocks[4 * i]} << 24 | std::uint32_t{blocks[4 * i + 1]} << 16 |
                   std::uint32_t{blocks[4 * i + 2]} << 8 | blocks[4 * i + 3];
        }
        for (std::size_t i = 16; i < 64; ++i) {
            const auto s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const auto s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        std::array<std::uint32_t, 8> v;
        std::copy_n(state, 8, v.begin());
        auto& [a, b, c, d, e, f, g, h] = v;
        for (std::size_t i = 0; i < 64; ++i) {
            const auto s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            const auto t1 = h + s1 + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
            const auto s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            const auto t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        for (std::size_t i = 0; i < 8; ++i) state[i] += v[i];
    }
}

#if defined(__x86_64__)
// Intel SHA extensions: each sha256rnds2 does two rounds on the state split as (a,b,e,f) and (c,d,g,h).
__attribute__((target("sha,sse4.1,ssse3"))) void compress_sha_ni(std::uint32_t* state,
                                                                 const std::uint8_t* blocks,
                                                                 std::size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state));
    const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4));
    const __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
    const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    for (; count > 0; --count, blocks += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; ++i) {
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks) + i), swap);
        }
        for (std::size_t i = 0; i < 16; ++i) {
            const std::size_t now = i % 4;
            if (i >= 4) {  // w[now] becomes the next four words of the schedule
                const __m128i seventh = _mm_alignr_epi8(w[(now + 3) % 4], w[(now + 2) % 4], 4);
                const __m128i partly = _mm_add_epi32(_mm_sha256msg1_epu32(w[now], w[(now + 1) % 4]), seventh);
                w[now] = _mm_sha256msg2_epu32(partly, w[(now + 3) % 4]);
            }
            __m128i k = _mm_add_epi32(
                w[now], _mm_loadu_si128(reinterpret_cast<const __m128i*>(kRound.data() + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
            k = _mm_shuffle_epi32(k, 0x0e);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, k);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

bool has_sha_ni() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & (1U << 29)) != 0 &&
           __builtin_cpu_supports("sse4.1");
}
#endif

}  // namespace

Sha256::Sha256(Compress compress)
    : state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
      compress_(compress) {}

Sha256 Sha256::portable() {
    return Sha256(compress_portable);
}

Sha256::Sha256() : Sha256(compress_portable) {
#if defined(__x86_64__)
    static const bool fast = has_sha_ni();
    if (fast) compress_ = compress_sha_ni;
#endif
}

void Sha256::update(std::string_view bytes) {
    update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
    total_ += bytes.size();
    if (tail_size_ > 0) {
        const auto take = std::min(bytes.size(), tail_.size() - tail_size_);
        std::copy_n(bytes.begin(), take, tail_.begin() + static_cast<std::ptrdiff_t>(tail_size_));
        tail_size_ += take;
        bytes = bytes.subspan(take);
        if (tail_size_ < tail_.size()) return;
        compress_(state_.data(), tail_.data(), 1);
        tail_size_ = 0;
    }
    compress_(state_.data(), bytes.data(), bytes.size() / 64);
    bytes = bytes.subspan(bytes.size() / 64 * 64);
    std::copy(bytes.begin(), bytes.end(), tail_.begin());
    tail_size_ = bytes.size();
}

Digest256 Sha256::finish() {
    const std::uint64_t bits = total_ * 8;
    static constexpr std::array<std::uint8_t, 64> kPad{0x80};
    const std::size_t pad = tail_size_ < 56 ? 56 - tail_size_ : 120 - tail_size_;
    std::array<std::uint8_t, 8> length;
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
    if (pad > kPad.size()) {
        update(kPad);
        const std::array<std::uint8_t, 64> zeros{};
        update(std::span(zeros).first(pad - kPad.size()));
    } else {
        update(std::span(kPad).first(pad));
    }
    update(length);
    Digest256 out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
    }
    return out;
}

Digest256 sha256(std::string_view bytes) {
    Sha256 sum;
    sum.update(bytes);
    return sum.finish();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        out.push_back(kDigits[byte >> 4]);
        out.push_back(kDigits[byte & 15]);
    }
    return out;
}

}  // namespace hearth
