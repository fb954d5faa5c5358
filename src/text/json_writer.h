#pragma once
// Appends JSON (RFC 8259) to a string; it places the commas, the caller is responsible for the nesting.
//     json::Writer w(out);
//     w.begin_object().key("model").string(model).key("n").integer(2).end_object();
#include <cstdint>
#include <string>
#include <string_view>

#include "text/json.h"

namespace hearth::text::json {

// Appends `text` as a JSON string with its quotes. Escaped are '"', '\\' and control characters only; bytes
// that are not UTF-8 become U+FFFD, so that the result is always valid JSON.
void append_string(std::string& out, std::string_view text);
// Without the quotes, for a string written in pieces.
void append_escaped(std::string& out, std::string_view text);

// As a separate string, for Editor and similar callers.
[[nodiscard]] std::string quoted(std::string_view text);

class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}

    Writer& begin_object() { return open('{'); }
    Writer& end_object() { return close('}'); }
    Writer& begin_array() { return open('['); }
    Writer& end_array() { return close(']'); }
    Writer& key(std::string_view name);
    Writer& string(std::string_view text);
    Writer& integer(std::int64_t value);
    Writer& unsigned_integer(std::uint64_t value);
    Writer& real(double value);  // shortest text that reads back the same; NaN and infinities become null
    Writer& boolean(bool value);
    Writer& null();
    Writer& raw(std::string_view json);  // one complete value, trusted to be valid: a Value's raw()
    // A member at once: w.member("model", "x").member("n", 2).
    Writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
    Writer& member(std::string_view name, const char* text) { return key(name).string(text); }
    Writer& member(std::string_view name, bool value) { return key(name).boolean(value); }
    Writer& member(std::string_view name, double value) { return key(name).real(value); }
    template <class Int>
        requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>)
    Writer& member(std::string_view name, Int value) {
        if constexpr (std::is_signed_v<Int>) return key(name).integer(value);
        return key(name).unsigned_integer(value);
    }
    Writer& member_raw(std::string_view name, std::string_view json) { return key(name).raw(json); }

  private:
    Writer& open(char bracket);
    Writer& close(char bracket);
    void comma() {
        if (need_comma_) out_.push_back(',');
        need_comma_ = true;
    }
    std::string& out_;
    bool need_comma_ = false;
};

}  // namespace hearth::text::json
