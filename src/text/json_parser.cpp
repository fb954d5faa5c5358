#include "text/json_parser.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "text/scan.h"
#include "text/utf8.h"

namespace hearth::text::json::detail {
namespace {

// Up to this many keys a new key is compared with each earlier one; larger objects are sorted once, when they close, so
// that no choice of keys costs more than n log n.
constexpr std::size_t kLinearKeys = 16;

std::uint64_t load(const char* p, std::size_t bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, p, bytes);
    return value;
}

// Length, first and last eight bytes: different prints, different keys. Equal prints are compared in full.
std::uint64_t print_of(std::string_view key) {
    const std::size_t n = key.size();
    const char* p = key.data();
    std::uint64_t a = 0, b = 0;
    if (n >= 8) {
        a = load(p, 8);
        b = load(p + n - 8, 8);
    } else if (n >= 4) {
        a = load(p, 4);
        b = load(p + n - 4, 4);
    } else if (n > 0) {
        a = load(p, 1) | load(p + n / 2, 1) << 8 | load(p + n - 1, 1) << 16;
    }
    return (a ^ std::rotl(b * 0x9e3779b97f4a7c15u, 29)) + n * 0xc2b2ae3d27d4eb4fu;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
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

class Parser {
  public:
    Parser(Tape& tape, const Limits& limits)
        : tape_(tape),
          limits_(limits),
          begin_(tape.text.data()),
          p_(begin_),
          end_(begin_ + tape.text.size()) {}

    Fault run() {
        if (tape_.text.starts_with("\xef\xbb\xbf")) {
            fault("a byte order mark, which JSON must not have", begin_);
        } else if (document() && high_ != 0) {
            if (const auto bad = first_bad_utf8(tape_.text)) fault("bytes that are not UTF-8", begin_ + *bad);
        }
        return fault_;
    }

  private:
    bool fault(std::string_view what, const char* at) {
        fault_.what = what;
        fault_.byte = static_cast<std::size_t>(at - begin_);
        return false;
    }
    bool too_large(std::string_view what) {
        fault_.too_large = true;
        return fault(what, p_);
    }
    std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - begin_); }
    bool at_end() const { return p_ == end_; }

    void skip_space() {
        while (p_ < end_ && static_cast<unsigned char>(*p_) <= ' ' &&
               (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) {
            ++p_;
        }
    }

    bool push(const char* from, std::uint32_t next, Kind kind, std::uint32_t count = 0) {
        if (tape_.nodes.size() >= limits_.nodes) return too_large("more values than allowed");
        tape_.nodes.push_back(
            {offset(from), offset(p_), next, static_cast<std::uint32_t>(kind) | count << 8});
        return true;
    }

    bool document();
    bool after_value();
    bool open(Kind kind);
    bool close(Kind kind);
    bool key();
    bool value();
    bool string();
    bool unescape(const char* quote);
    bool escape(char*& out);
    bool code_unit(std::uint32_t& unit);
    bool number();
    bool fits_integer(std::string_view digits) const;
    bool literal(std::string_view word, Kind kind);
    bool note_key();
    bool check_many_keys(std::size_t first);

    Tape& tape_;
    const Limits& limits_;
    const char *begin_, *p_, *end_;
    unsigned high_ = 0;           // some byte is outside ASCII
    std::uint32_t open_ = kNone;  // the innermost open container
    std::size_t depth_ = 0;
    Fault fault_;

    // While a container is open, its node's `next` holds the parent and, in an object, `end` the place of its first key
    // in tape_.keys: no stack besides the tape.
    static constexpr std::uint32_t kNone = 0xffffffff;
};

bool Parser::document() {
    skip_space();
    if (at_end()) return fault("the end of the text where a value should stand", p_);
    if (!value()) return false;
    while (open_ != kNone) {
        if (!after_value()) return false;
    }
    skip_space();
    return at_end() || fault("more text after the value", p_);
}

// Inside a container, after '[', '{', or a complete value: a comma, an end, or the first child.
bool Parser::after_value() {
    skip_space();
    if (at_end()) return fault("the end of the text inside an array or object", p_);
    Node& node = tape_.nodes[open_];
    const bool object = node.kind() == Kind::object;
    const char closing = object ? '}' : ']';
    if (*p_ == closing) {
        ++p_;
        return close(node.kind());
    }
    if (node.count() > 0) {
        if (*p_ != ',') return fault("something else where a comma or the end should stand", p_);
        ++p_;
        skip_space();
    }
    node.info += 1u << 8;
    if (object && !key()) return false;
    return value();
}

bool Parser::open(Kind kind) {
    if (++depth_ > limits_.depth) return fault("more levels of nesting than allowed", p_);
    ++p_;
    if (!push(p_ - 1, open_, kind)) return false;
    open_ = static_cast<std::uint32_t>(tape_.nodes.size() - 1);
    tape_.nodes.back().end = static_cast<std::uint32_t>(tape_.keys.size());
    return true;
}

bool Parser::close(Kind kind) {
    const std::uint32_t index = open_;
    if (kind == Kind::object) {
        const std::size_t first = tape_.nodes[index].end;
        if (tape_.keys.size() - first > kLinearKeys && !check_many_keys(first)) return false;
        tape_.keys.resize(first);
    }
    Node& node = tape_.nodes[index];
    open_ = node.next;
    node.next = static_cast<std::uint32_t>(tape_.nodes.size());
    node.end = offset(p_);
    --depth_;
    return true;
}

bool Parser::key() {
    if (at_end() || *p_ != '"') return fault("something else where a key in quotes should stand", p_);
    if (!string() || !note_key()) return false;
    skip_space();
    if (at_end() || *p_ != ':') return fault("something else where a colon should stand", p_);
    ++p_;
    skip_space();
    return true;
}

bool Parser::value() {
    if (at_end()) return fault("the end of the text where a value should stand", p_);
    switch (*p_) {
        case '"':
            return string();
        case '{':
            return open(Kind::object);
        case '[':
            return open(Kind::array);
        case 't':
            return literal("true", Kind::boolean);
        case 'f':
            return literal("false", Kind::boolean);
        case 'n':
            return literal("null", Kind::null);
        default:
            return number();
    }
}

bool Parser::literal(std::string_view word, Kind kind) {
    if (!std::string_view(p_, static_cast<std::size_t>(end_ - p_)).starts_with(word)) {
        return fault("an unknown word; true, false and null exist", p_);
    }
    const char* from = p_;
    p_ += word.size();
    return push(from, 0, kind);
}

bool Parser::string() {
    const char* quote = p_;
    p_ = scan::special(p_ + 1, end_, high_);
    if (p_ < end_ && *p_ == '"') {
        ++p_;
        return push(quote, 0, Kind::string);
    }
    if (p_ < end_ && *p_ == '\\') return unescape(quote);
    return at_end() ? fault("a string without its closing quote", quote)
                    : fault("a control character inside a string, which must be escaped", p_);
}

bool Parser::unescape(const char* quote) {
    // No escape makes text longer, and the four bytes of length are paid for by the quotes and the escape: a quarter
    // more than what is left always suffices. One block per document, so its address and capacity stay.
    const std::size_t needed = static_cast<std::size_t>(end_ - quote) / 4 * 5 + 64;
    tape_.arena.reserve_more(needed);
    char* const start = tape_.arena.data.get() + tape_.arena.size;
    char* out = start + 4;
    std::memcpy(out, quote + 1, static_cast<std::size_t>(p_ - quote - 1));
    out += p_ - quote - 1;
    for (;;) {
        while (end_ - p_ >= scan::kStep) {
            const unsigned mask = scan::special_mask(p_, high_);
            std::memcpy(out, p_, scan::kStep);
            const int plain = mask != 0 ? scan::first_bit(mask) : scan::kStep;
            p_ += plain;
            out += plain;
            if (mask != 0) break;
        }
        for (; p_ < end_ && !scan::ends_plain_text(*p_); ++p_) {
            high_ |= static_cast<unsigned char>(*p_) & 0x80;
            *out++ = *p_;
        }
        if (at_end()) return fault("a string without its closing quote", quote);
        if (*p_ == '"') break;
        if (*p_ != '\\') return fault("a control character inside a string, which must be escaped", p_);
        if (!escape(out)) return false;
    }
    const auto size = static_cast<std::uint32_t>(out - start - 4);
    std::memcpy(start, &size, 4);
    const auto place = static_cast<std::uint32_t>(tape_.arena.size);
    tape_.arena.size += 4 + std::size_t{size};
    ++p_;
    return push(quote, place, Kind::string, 1);
}

bool Parser::escape(char*& out) {
    const char* at = p_++;
    if (at_end()) return fault("a string without its closing quote", at);
    switch (*p_++) {
        case '"':
            *out++ = '"';
            return true;
        case '\\':
            *out++ = '\\';
            return true;
        case '/':
            *out++ = '/';
            return true;
        case 'b':
            *out++ = '\b';
            return true;
        case 'f':
            *out++ = '\f';
            return true;
        case 'n':
            *out++ = '\n';
            return true;
        case 'r':
            *out++ = '\r';
            return true;
        case 't':
            *out++ = '\t';
            return true;
        case 'u':
            break;
        default:
            return fault("an unknown escape", at);
    }
    std::uint32_t unit = 0;
    if (!code_unit(unit)) return fault("\\u without four hex digits", at);
    if (unit >= 0xd800 && unit <= 0xdfff) {
        std::uint32_t low = 0;
        const bool paired = unit < 0xdc00 && end_ - p_ >= 6 && p_[0] == '\\' && p_[1] == 'u' &&
                            (p_ += 2, code_unit(low)) && low >= 0xdc00 && low <= 0xdfff;
        if (!paired) return fault("half of a surrogate pair", at);
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    out = put_utf8(out, unit);
    return true;
}

bool Parser::code_unit(std::uint32_t& unit) {
    if (end_ - p_ < 4) return false;
    unit = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(*p_++);
        if (digit < 0) return false;
        unit = unit << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
}

bool Parser::number() {
    const char* from = p_;
    if (*p_ == '-') ++p_;
    if (at_end() || !is_digit(*p_)) return fault("something that is no JSON value", from);
    const char* digits = p_;
    if (*p_ == '0') {
        ++p_;
    } else {
        while (p_ < end_ && is_digit(*p_)) ++p_;
    }
    Kind kind = p_ - digits <= 18 || fits_integer({from, static_cast<std::size_t>(p_ - from)}) ? Kind::integer
                                                                                               : Kind::real;
    if (p_ < end_ && is_digit(*p_)) return fault("a number with a leading zero", from);
    if (p_ < end_ && *p_ == '.') {
        kind = Kind::real;
        ++p_;
        if (at_end() || !is_digit(*p_)) return fault("a number without digits after its point", from);
        while (p_ < end_ && is_digit(*p_)) ++p_;
    }
    if (p_ < end_ && (*p_ | 0x20) == 'e') {
        kind = Kind::real;
        ++p_;
        if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
        if (at_end() || !is_digit(*p_)) return fault("a number without digits in its exponent", from);
        while (p_ < end_ && is_digit(*p_)) ++p_;
    }
    return push(from, 0, kind);
}

bool Parser::fits_integer(std::string_view digits) const {
    const char* last = digits.data() + digits.size();
    std::int64_t negative = 0;
    std::uint64_t positive = 0;
    if (digits.front() == '-') return std::from_chars(digits.data(), last, negative).ec == std::errc{};
    return std::from_chars(digits.data(), last, positive).ec == std::errc{};
}

bool Parser::note_key() {
    const auto index = static_cast<std::uint32_t>(tape_.nodes.size() - 1);
    const std::string_view name = tape_.string_at(index);
    const std::uint64_t print = print_of(name);
    const std::size_t first = tape_.nodes[open_].end;
    if (tape_.keys.size() - first < kLinearKeys) {
        for (std::size_t i = first; i < tape_.keys.size(); ++i) {
            if (tape_.keys[i].print == print && tape_.string_at(tape_.keys[i].node) == name) {
                return fault("a key that the object has already", begin_ + tape_.nodes[index].begin);
            }
        }
    }
    tape_.keys.push_back({print, index});
    return true;
}

bool Parser::check_many_keys(std::size_t first) {
    const auto from = tape_.keys.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(from, tape_.keys.end(), [&](const KeyPrint& a, const KeyPrint& b) {
        if (a.print != b.print) return a.print < b.print;
        const int order = tape_.string_at(a.node).compare(tape_.string_at(b.node));
        return order != 0 ? order < 0 : a.node < b.node;
    });
    std::uint32_t repeated = kNone;
    for (auto it = from; it + 1 != tape_.keys.end(); ++it) {
        const bool same =
            it[0].print == it[1].print && tape_.string_at(it[0].node) == tape_.string_at(it[1].node);
        if (same) repeated = std::min(repeated, it[1].node);
    }
    if (repeated == kNone) return true;
    return fault("a key that the object has already", begin_ + tape_.nodes[repeated].begin);
}

}  // namespace

Fault fill_tape(Tape& tape, const Limits& limits) {
    tape.nodes.clear();
    tape.keys.clear();
    tape.arena.size = 0;
    // Offsets have 32 bits, counts 24.
    const Limits bounded{limits.depth, std::min<std::size_t>(limits.nodes, (1u << 24) - 1), limits.bytes};
    if (tape.text.size() > std::min<std::size_t>(limits.bytes, std::size_t{1} << 31)) {
        return {"more bytes than allowed", 0, true};
    }
    return Parser(tape, bounded).run();
}

}  // namespace hearth::text::json::detail
