#include "text/json_parser.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "text/json_string.h"
#include "text/scan.h"
#include "text/utf8.h"

// The position is passed in a register: as a member it would go through memory several times per token, which doubles the
// time for a small document.
#define HEARTH_INLINE [[gnu::always_inline]] inline

namespace hearth::text::json::detail {
namespace {

// Up to this many keys, a new key is compared with each earlier one; the keys of larger objects are sorted once at their
// end, so that the check takes at most O(n log n).
constexpr std::size_t kLinearKeys = 16;
constexpr std::uint32_t kNone = 0xffffffff;

HEARTH_INLINE std::uint64_t load(const char* p, std::size_t bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, p, bytes);
    return value;
}

// Length, first and last eight bytes: different prints, different keys. Equal prints are compared in full.
HEARTH_INLINE std::uint64_t print_of(std::string_view key) {
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

HEARTH_INLINE bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Every step takes its start position and returns the position behind it, nullptr after an error.
class Parser {
  public:
    Parser(Tape& tape, const Limits& limits)
        : tape_(tape), limits_(limits), begin_(tape.text.data()), end_(begin_ + tape.text.size()) {}

    Fault run() {
        if (tape_.text.starts_with("\xef\xbb\xbf")) {
            fault("a byte order mark, which JSON must not have", begin_);
        } else if (document() && high_ != 0) {
            if (const auto bad = first_bad_utf8(tape_.text)) fault("bytes that are not UTF-8", begin_ + *bad);
        }
        return fault_;
    }

  private:
    using Place = const char*;

    [[gnu::noinline]] Place fault(std::string_view what, Place at) {
        fault_.what = what;
        fault_.byte = static_cast<std::size_t>(at - begin_);
        return nullptr;
    }
    [[gnu::noinline]] Place too_many_nodes(Place at) {
        fault_.too_large = true;
        return fault("more values than allowed", at);
    }
    [[gnu::noinline]] Place bad_string(Place quote, Place at) {
        return at == end_ ? fault("a string without its closing quote", quote)
                          : fault("a control character inside a string, which must be escaped", at);
    }

    HEARTH_INLINE Place skip_space(Place p) const {
        while (p < end_ && static_cast<unsigned char>(*p) <= ' ' &&
               (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
            ++p;
        }
        return p;
    }
    HEARTH_INLINE Place push(Place from, Place p, std::uint32_t next, Kind kind, std::uint32_t count = 0) {
        if (tape_.nodes.full() && !tape_.nodes.grow()) return too_many_nodes(from);
        tape_.nodes.push({offset(from), offset(p), next, static_cast<std::uint32_t>(kind) | count << 8});
        return p;
    }
    HEARTH_INLINE std::uint32_t offset(Place at) const { return static_cast<std::uint32_t>(at - begin_); }

    bool document();
    HEARTH_INLINE Place after_value(Place p);
    HEARTH_INLINE Place value(Place p);
    HEARTH_INLINE Place key(Place p);
    HEARTH_INLINE Place string(Place quote);
    HEARTH_INLINE Place open(Place p, Kind kind);
    HEARTH_INLINE Place close(Place p, Kind kind);
    Place escaped_string(Place quote, Place p);
    Place number(Place p);
    Place literal(Place p, std::string_view word, Kind kind);
    HEARTH_INLINE bool record_key(std::string_view name, std::uint32_t index);
    bool check_many_keys(std::size_t first);

    Tape& tape_;
    const Limits& limits_;
    const Place begin_, end_;
    unsigned high_ = 0;           // some byte is outside ASCII
    std::uint32_t open_ = kNone;  // the innermost open container
    std::size_t depth_ = 0;
    Fault fault_;

    // While a container is open, its node's `next` holds the parent and, in an object, `end` the place of its first key
    // in tape_.keys: no stack besides the tape.
};

bool Parser::document() {
    Place p = skip_space(begin_);
    p = value(p);
    while (p != nullptr && open_ != kNone) p = after_value(p);
    if (p == nullptr) return false;
    p = skip_space(p);
    return p == end_ || fault("more text after the value", p) != nullptr;
}

// Inside a container, after '[', '{' or a complete value: a comma, an end, or the first child.
Parser::Place Parser::after_value(Place p) {
    p = skip_space(p);
    if (p == end_) return fault("the end of the text inside an array or object", p);
    Node& node = tape_.nodes[open_];
    const bool object = node.kind() == Kind::object;
    if (*p == ',' && node.count() > 0) {
        p = skip_space(p + 1);
    } else if (*p == (object ? '}' : ']')) {
        return close(p + 1, node.kind());
    } else if (node.count() > 0) {
        return fault("something else where a comma or the end is expected", p);
    }
    node.info += 1u << 8;
    if (object) {
        p = key(p);
        if (p == nullptr) return nullptr;
    }
    return value(p);
}

Parser::Place Parser::value(Place p) {
    if (p == end_) return fault("the end of the text where a value is expected", p);
    switch (*p) {
        case '"':
            return string(p);
        case '{':
            return open(p, Kind::object);
        case '[':
            return open(p, Kind::array);
        case 't':
            return literal(p, "true", Kind::boolean);
        case 'f':
            return literal(p, "false", Kind::boolean);
        case 'n':
            return literal(p, "null", Kind::null);
        default:
            return number(p);
    }
}

Parser::Place Parser::open(Place p, Kind kind) {
    if (++depth_ > limits_.depth) return fault("more levels of nesting than allowed", p);
    if (push(p, p + 1, open_, kind) == nullptr) return nullptr;
    open_ = tape_.nodes.size() - 1;
    tape_.nodes[open_].end = static_cast<std::uint32_t>(tape_.keys.size());
    return p + 1;
}

Parser::Place Parser::close(Place p, Kind kind) {
    Node& node = tape_.nodes[open_];
    if (kind == Kind::object) {
        const std::size_t first = node.end;
        if (tape_.keys.size() - first > kLinearKeys && !check_many_keys(first)) return nullptr;
        tape_.keys.resize(first);
    }
    open_ = node.next;
    node.next = tape_.nodes.size();
    node.end = offset(p);
    --depth_;
    return p;
}

Parser::Place Parser::key(Place p) {
    if (p == end_ || *p != '"') return fault("something else where a quoted key is expected", p);
    const std::uint32_t index = tape_.nodes.size();
    const Place quote = p;
    p = string(p);
    if (p == nullptr) return nullptr;
    const bool plain = tape_.nodes[index].count() == 0;
    const std::string_view name =
        plain ? std::string_view(quote + 1, static_cast<std::size_t>(p - quote - 2)) : tape_.string_at(index);
    if (!record_key(name, index)) return nullptr;
    p = skip_space(p);
    if (p == end_ || *p != ':') return fault("something else where a colon is expected", p);
    return skip_space(p + 1);
}

Parser::Place Parser::string(Place quote) {
    const Place p = scan::special(quote + 1, end_, high_);
    if (p < end_ && *p == '"') return push(quote, p + 1, 0, Kind::string);
    if (p < end_ && *p == '\\') return escaped_string(quote, p);
    return bad_string(quote, p);
}

Parser::Place Parser::escaped_string(Place quote, Place p) {
    // No escape makes text longer, and the four bytes of length are paid for by the quotes and the escape: a quarter
    // more than what is left always suffices, so the arena never moves within a document.
    tape_.arena.reserve_more(static_cast<std::size_t>(end_ - quote) / 4 * 5 + 64);
    char* const start = tape_.arena.data.get() + tape_.arena.size;
    const StringEnd done = unescape(quote, p, end_, start + 4, high_);
    if (done.next == nullptr) return fault(done.fault, done.at);
    const auto size = static_cast<std::uint32_t>(done.size);
    std::memcpy(start, &size, 4);
    const auto place = static_cast<std::uint32_t>(tape_.arena.size);
    tape_.arena.size += 4 + done.size;
    return push(quote, done.next, place, Kind::string, 1);
}

Parser::Place Parser::literal(Place p, std::string_view word, Kind kind) {
    if (!std::string_view(p, static_cast<std::size_t>(end_ - p)).starts_with(word)) {
        return fault("an unknown literal; only true, false and null exist", p);
    }
    return push(p, p + word.size(), 0, kind);
}

bool fits_integer(const char* from, const char* to) {
    std::int64_t negative = 0;
    std::uint64_t positive = 0;
    if (*from == '-') return std::from_chars(from, to, negative).ec == std::errc{};
    return std::from_chars(from, to, positive).ec == std::errc{};
}

Parser::Place Parser::number(Place from) {
    const auto digits = [this](Place p) {
        while (p < end_ && is_digit(*p)) ++p;
        return p;
    };
    Place p = *from == '-' ? from + 1 : from;
    if (p == end_ || !is_digit(*p)) return fault("something that is not a JSON value", from);
    const Place first = p;
    p = digits(p);
    if (*first == '0' && p - first > 1) return fault("a number with a leading zero", from);
    Kind kind = p - first <= 18 || fits_integer(from, p) ? Kind::integer : Kind::real;
    if (p < end_ && *p == '.') {
        kind = Kind::real;
        const Place point = p;
        p = digits(p + 1);
        if (p == point + 1) return fault("a number without digits after its point", from);
    }
    if (p < end_ && (*p | 0x20) == 'e') {
        kind = Kind::real;
        ++p;
        if (p < end_ && (*p == '+' || *p == '-')) ++p;
        const Place exponent = p;
        p = digits(p);
        if (p == exponent) return fault("a number without digits in its exponent", from);
    }
    return push(from, p, 0, kind);
}

bool Parser::record_key(std::string_view name, std::uint32_t index) {
    const std::uint64_t print = print_of(name);
    const std::size_t first = tape_.nodes[open_].end, count = tape_.keys.size();
    if (count - first < kLinearKeys) {
        for (std::size_t i = first; i < count; ++i) {
            if (tape_.keys[i].print == print && tape_.string_at(tape_.keys[i].node) == name) {
                return fault("a duplicate key of the object", begin_ + tape_.nodes[index].begin) != nullptr;
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
    return repeated == kNone ||
           fault("a duplicate key of the object", begin_ + tape_.nodes[repeated].begin) != nullptr;
}

}  // namespace

Fault fill_tape(Tape& tape, const Limits& limits) {
    tape.keys.clear();
    tape.arena.size = 0;
    tape.nodes.clear();
    // Offsets have 32 bits.
    const std::size_t size = tape.text.size();
    if (size > std::min<std::size_t>(limits.bytes, std::size_t{1} << 31))
        return {"more bytes than allowed", 0, true};
    // A value and its separator take two bytes; only containers that are still open take one. Counts have
    // 24 bits.
    const std::size_t most = std::min<std::size_t>(limits.nodes, (1u << 24) - 1);
    const std::size_t worst = std::min(most, size / 2 + std::min(limits.depth, size) + 2);
    tape.nodes.start(static_cast<std::uint32_t>(std::min(worst, 32 + size / 32)),
                     static_cast<std::uint32_t>(worst));
    return Parser(tape, limits).run();
}

}  // namespace hearth::text::json::detail
