#include "text/json_string.h"

#include <cstdint>
#include <cstring>

#include "text/scan.h"

namespace hearth::text::json::detail {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char* put_utf8(char* out, std::uint32_t c) {
    const auto put = [&](std::uint32_t value) { *out++ = static_cast<char>(value); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)),
            put(0x80 | (c & 0x3f));
    }
    return out;
}

bool code_unit(const char*& p, const char* end, std::uint32_t& unit) {
    if (end - p < 4) return false;
    unit = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(*p++);
        if (digit < 0) return false;
        unit = unit << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
}

// The escape whose backslash is at p; moves p and out behind it. Returns the error, or empty on success.
std::string_view escape(const char*& p, const char* end, char*& out) {
    if (++p == end) return "a string without its closing quote";
    switch (*p++) {
        case '"':
            *out++ = '"';
            return {};
        case '\\':
            *out++ = '\\';
            return {};
        case '/':
            *out++ = '/';
            return {};
        case 'b':
            *out++ = '\b';
            return {};
        case 'f':
            *out++ = '\f';
            return {};
        case 'n':
            *out++ = '\n';
            return {};
        case 'r':
            *out++ = '\r';
            return {};
        case 't':
            *out++ = '\t';
            return {};
        case 'u':
            break;
        default:
            return "an unknown escape";
    }
    std::uint32_t unit = 0, low = 0;
    if (!code_unit(p, end, unit)) return "\\u without four hex digits";
    if (unit >= 0xd800 && unit <= 0xdfff) {
        const bool two = unit < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u';
        if (two) p += 2;
        if (!two || !code_unit(p, end, low) || low < 0xdc00 || low > 0xdfff)
            return "half of a surrogate pair";
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    out = put_utf8(out, unit);
    return {};
}

}  // namespace

StringEnd unescape(const char* quote, const char* p, const char* end, char* out, unsigned& high) {
    const char* const start = out;
    std::memcpy(out, quote + 1, static_cast<std::size_t>(p - quote - 1));
    out += p - quote - 1;
    for (;;) {
        while (end - p >= scan::kStep) {
            const unsigned mask = scan::special_mask(p, high);
            std::memcpy(out, p, scan::kStep);  // may copy too much; the next copy overwrites it
            const int plain = mask != 0 ? scan::first_bit(mask) : scan::kStep;
            p += plain;
            out += plain;
            if (mask != 0) break;
        }
        for (; p < end && !scan::ends_plain_text(*p); ++p) {
            high |= static_cast<unsigned char>(*p) & 0x80;
            *out++ = *p;
        }
        if (p == end) return {.fault = "a string without its closing quote", .at = quote};
        if (*p == '"') return {.next = p + 1, .size = static_cast<std::size_t>(out - start)};
        if (*p != '\\')
            return {.fault = "a control character inside a string, which must be escaped", .at = p};
        const char* at = p;
        if (const auto what = escape(p, end, out); !what.empty()) return {.fault = what, .at = at};
    }
}

}  // namespace hearth::text::json::detail
