#pragma once
// UTF-8 as defined by RFC 3629: shortest form only, no surrogates, at most U+10FFFF.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::text {

[[nodiscard]] bool is_utf8(std::string_view bytes);

// Offset of the first byte that does not belong to a well-formed character; an incomplete character at the end counts
// as bad at its first byte. nullopt: all well formed.
[[nodiscard]] std::optional<std::size_t> first_bad_utf8(std::string_view bytes);

// Appends one code point. Surrogates and values above U+10FFFF become U+FFFD.
void append_code_point(std::string& out, char32_t code_point);

// The longest prefix of at most max_bytes that ends between characters (for valid UTF-8 input).
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

// Untrusted bytes made safe for a message or a log line: valid UTF-8, control characters replaced by '?', at most
// max_bytes plus an ellipsis when truncated.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t max_bytes = 64);

// Unicode characters of well-formed text.
[[nodiscard]] std::int64_t count_characters(std::string_view text);

// Turns a byte stream in arbitrary pieces (model tokens, sockets) into whole characters: at most three
// bytes are held back. Bytes that cannot become a character turn into U+FFFD, one for each maximal
// ill-formed run as the Unicode standard recommends (chapter 3.9, table 3-8).
class Utf8Completer {
  public:
    void feed(std::string_view bytes, std::string& out);  // appends to out
    void flush(std::string& out);                         // end of stream: what is held becomes U+FFFD
    [[nodiscard]] std::string_view held() const { return {held_, held_size_}; }

  private:
    char held_[4] = {};
    std::size_t held_size_ = 0;
};

}  // namespace hearth::text
