#include "text/json_writer.h"

#include <charconv>
#include <cmath>

#include "text/scan.h"
#include "text/utf8.h"

namespace hearth::text::json {
namespace {

void append_escape(std::string& out, char c) {
    static constexpr char kHex[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            break;
    }
    out += "\\u00";
    out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kHex[c & 0xf]);
}

template <class T>
void append_number(std::string& out, T value) {
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    out.append(buffer, end);
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    const std::size_t start = out.size();
    const char *p = text.data(), *const end = p + text.size();
    unsigned high = 0;
    while (p < end) {
        const char* stop = scan::special(p, end, high);
        out.append(p, stop);
        if (stop < end) append_escape(out, *stop++);
        p = stop;
    }
    if (high == 0 || is_utf8(text)) return;
    out.resize(start);
    std::string repaired;
    Utf8Completer completer;
    completer.feed(text, repaired);
    completer.flush(repaired);
    append_escaped(out, repaired);
}

void append_string(std::string& out, std::string_view text) {
    out.push_back('"');
    append_escaped(out, text);
    out.push_back('"');
}

std::string quoted(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

Writer& Writer::open(char bracket) {
    comma();
    out_.push_back(bracket);
    need_comma_ = false;
    return *this;
}

Writer& Writer::close(char bracket) {
    out_.push_back(bracket);
    need_comma_ = true;
    return *this;
}

Writer& Writer::key(std::string_view name) {
    comma();
    append_string(out_, name);
    out_.push_back(':');
    need_comma_ = false;
    return *this;
}

Writer& Writer::string(std::string_view text) {
    comma();
    append_string(out_, text);
    return *this;
}

Writer& Writer::integer(std::int64_t value) {
    comma();
    append_number(out_, value);
    return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
    comma();
    append_number(out_, value);
    return *this;
}

Writer& Writer::real(double value) {
    if (!std::isfinite(value)) return null();
    comma();
    append_number(out_, value);
    return *this;
}

Writer& Writer::boolean(bool value) {
    return raw(value ? "true" : "false");
}
Writer& Writer::null() {
    return raw("null");
}

Writer& Writer::raw(std::string_view json) {
    comma();
    out_.append(json);
    return *this;
}

}  // namespace hearth::text::json
