#include "wire/lenient.h"

#include "text/utf8.h"

namespace hearth::wire {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

json::Value parse_event(json::Document& document, std::string_view text, std::string& repaired) {
    repaired.clear();
    auto root = document.parse(text);
    if (!root && !text::is_utf8(text)) {
        text::Utf8Completer completer;
        completer.feed(text, repaired);
        completer.flush(repaired);
        root = document.parse(repaired);
    }
    return root ? *root : json::Value{};
}

}  // namespace hearth::wire
