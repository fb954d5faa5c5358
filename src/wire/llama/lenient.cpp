#include "wire/llama/lenient.h"

#include "text/utf8.h"

namespace hearth::wire::llama {

json::Value parse_event(json::Document& document, std::string_view text, std::string& repaired) {
    auto root = document.parse(text);
    if (!root && !text::is_utf8(text)) {
        text::Utf8Completer completer;
        completer.feed(text, repaired);
        completer.flush(repaired);
        root = document.parse(repaired);
    }
    return root && root->is_object() ? *root : json::Value{};
}

}  // namespace hearth::wire::llama
