#include "text/utf8.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>

namespace hearth::text {
namespace {

struct Lead {
    int length = 0;  // 0: no character starts with this byte
    unsigned char second_min = 0x80, second_max = 0xbf;
};

// Unicode standard, table 3-7: which second bytes may follow which first byte.
Lead lead_of(unsigned char c) {
    if (c < 0x80) return {1};
    if (c < 0xc2) return {};
    if (c < 0xe0) return {2};
    if (c == 0xe0) return {3, 0xa0, 0xbf};
    if (c == 0xed) return {3, 0x80, 0x9f};
    if (c < 0xf0) return {3};
    if (c == 0xf0) return {4, 0x90, 0xbf};
    if (c < 0xf4) return {4};
    if (c == 0xf4) return {4, 0x80, 0x8f};
    return {};
}

struct Step {
    std::size_t used = 0;  // bytes of the character, or of the maximal ill-formed run
    bool whole = false;
    bool cut = false;  // well formed so far, the input ends inside
};

Step step(std::string_view rest) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    const Lead lead = lead_of(byte(0));
    if (lead.length == 0) return {1};
    std::size_t i = 1;
    for (; i < static_cast<std::size_t>(lead.length); ++i) {
        if (i == rest.size()) return {i, false, true};
        const unsigned char low = i == 1 ? lead.second_min : 0x80, high = i == 1 ? lead.second_max : 0xbf;
        if (byte(i) < low || byte(i) > high) return {i};
    }
    return {i, true};
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

}  // namespace

bool is_utf8(std::string_view bytes) {
    return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::optional<std::size_t> first_bad_utf8(std::string_view bytes) {
    if (is_utf8(bytes)) return std::nullopt;
    for (std::size_t at = 0; at < bytes.size();) {
        const Step s = step(bytes.substr(at));
        if (!s.whole) return at;
        at += s.used;
    }
    return std::nullopt;
}

void append_code_point(std::string& out, char32_t c) {
    const auto put = [&](char32_t value) { out.push_back(static_cast<char>(value)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | (c >> 6));
        put(0x80 | (c & 0x3f));
    } else if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        out.append(kReplacement);
    } else if (c < 0x10000) {
        put(0xe0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3f));
        put(0x80 | ((c >> 6) & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    std::size_t size = max_bytes;
    // The byte after the limit shows whether it is inside a character; none is longer than four bytes.
    for (int back = 0; back < 4 && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80;
         ++back)
        --size;
    return text.substr(0, size);
}

std::string printable(std::string_view bytes, std::size_t max_bytes) {
    std::string whole;
    Utf8Completer completer;
    const bool cut = bytes.size() > max_bytes;
    completer.feed(utf8_prefix(bytes, max_bytes), whole);
    completer.flush(whole);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto c = static_cast<unsigned char>(whole[i]);
        if (c < 0x20 || c == 0x7f) whole[i] = '?';
        // U+0080 to U+009F are control characters too: terminals interpret them.
        if (c == 0xc2 && static_cast<unsigned char>(whole[i + 1]) < 0xa0) {
            whole[i] = '?';
            whole[++i] = '?';
        }
    }
    if (cut) whole += "\xe2\x80\xa6";
    return whole;
}

void Utf8Completer::feed(std::string_view bytes, std::string& out) {
    while (held_size_ > 0 && !bytes.empty()) {
        held_[held_size_++] = bytes.front();
        const Step s = step({held_, held_size_});
        if (s.whole) {
            out.append(held_, held_size_);
            held_size_ = 0;
            bytes.remove_prefix(1);
        } else if (s.cut) {
            bytes.remove_prefix(1);
        } else {  // the new byte ends the incomplete character and begins a new one
            out.append(kReplacement);
            held_size_ = 0;
        }
    }
    if (bytes.empty()) return;
    if (is_utf8(bytes)) {
        out.append(bytes);
        return;
    }
    while (!bytes.empty()) {
        const Step s = step(bytes);
        if (s.cut) {
            held_size_ = bytes.copy(held_, sizeof held_);
            return;
        }
        out.append(s.whole ? bytes.substr(0, s.used) : kReplacement);
        bytes.remove_prefix(s.used);
    }
}

void Utf8Completer::flush(std::string& out) {
    if (held_size_ > 0) out.append(kReplacement);
    held_size_ = 0;
}

std::int64_t count_characters(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace hearth::text
