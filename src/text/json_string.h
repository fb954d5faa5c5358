#pragma once
// Internal to text/: strings with escapes (RFC 8259 section 7).
#include <cstddef>
#include <string_view>

namespace hearth::text::json::detail {

struct StringEnd {
    const char* next = nullptr;  // behind the closing quote; nullptr: refused
    std::size_t size = 0;        // of the unescaped text
    std::string_view fault;      // what was wrong
    const char* at = nullptr;    // and where
};

// Unescapes the string that opens at `quote` and whose first special byte is at `p`, a backslash. `out` must have room
// for the bytes between quote and end, and sixteen bytes more. `high` collects bytes outside ASCII.
[[nodiscard]] StringEnd unescape(const char* quote, const char* p, const char* end, char* out,
                                 unsigned& high);

}  // namespace hearth::text::json::detail
