#pragma once
// Internal to text/: finds the next special byte, sixteen at a time on x86-64 and eight at a time on other targets.
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hearth::text::scan {

[[nodiscard]] inline bool ends_plain_text(char c) {  // what a JSON string cannot hold as it is
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

#if defined(__SSE2__)

inline constexpr int kStep = 16;

// Bit i is set where byte i of the sixteen is '"', '\\' or a control character. `high` collects whether any byte seen
// is outside ASCII (bytes behind the hit count too, they belong to the same text).
[[nodiscard]] inline unsigned special_mask(const char* p, unsigned& high) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    high |= static_cast<unsigned>(_mm_movemask_epi8(v));
    const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
}
[[nodiscard]] inline unsigned line_end_mask(const char* p) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i lf = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));
    const __m128i cr = _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(lf, cr)));
}
[[nodiscard]] inline int first_bit(unsigned mask) {
    return std::countr_zero(mask);
}

#else

inline constexpr int kStep = 8;

// Byte by byte, which a vectorising compiler turns into the target's own instructions.
template <class Predicate>
[[nodiscard]] inline unsigned mask_of(const char* p, Predicate predicate) {
    unsigned mask = 0;
    for (int i = 0; i < kStep; ++i) mask |= static_cast<unsigned>(predicate(p[i])) << i;
    return mask;
}
[[nodiscard]] inline unsigned special_mask(const char* p, unsigned& high) {
    high |= mask_of(p, [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
    return mask_of(p, ends_plain_text);
}
[[nodiscard]] inline unsigned line_end_mask(const char* p) {
    return mask_of(p, [](char c) { return c == '\n' || c == '\r'; });
}
[[nodiscard]] inline int first_bit(unsigned mask) {
    return std::countr_zero(mask);
}

#endif

// The first '"', '\\' or control character, or end.
[[nodiscard]] inline const char* special(const char* p, const char* end, unsigned& high) {
    for (; end - p >= kStep; p += kStep) {
        if (const unsigned mask = special_mask(p, high)) return p + first_bit(mask);
    }
    for (; p < end && !ends_plain_text(*p); ++p) high |= static_cast<unsigned char>(*p) & 0x80;
    return p;
}

// The first CR or LF, or end.
[[nodiscard]] inline const char* line_end(const char* p, const char* end) {
    for (; end - p >= kStep; p += kStep) {
        if (const unsigned mask = line_end_mask(p)) return p + first_bit(mask);
    }
    while (p < end && *p != '\n' && *p != '\r') ++p;
    return p;
}

}  // namespace hearth::text::scan
