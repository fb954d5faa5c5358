#include "wire/gemini/signature.h"

#include <charconv>

#include "text/base64.h"
#include "wire/opaque.h"

namespace hearth::wire::gemini {

namespace {
constexpr std::string_view kMark =
    "aGVhcnRoOjE6";  // base64("hearth:1:"): nine bytes, so no bit of what follows
}

std::string seal_signature(std::string_view origin, std::string_view data) {
    return text::base64_encode(seal(origin, data));
}

bool is_sealed_signature(std::string_view text) {
    return text.starts_with(kMark);
}

exchange::Opaque unseal_signature(std::string_view text) {
    if (!is_sealed_signature(text)) return {std::string(text), {}};
    std::string standard(text);
    for (char& c : standard) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    while (standard.size() % 4 != 0) standard += '=';
    const auto bytes = text::base64_decode(standard);
    if (!bytes) return {std::string(text), "nobody"};  // broken: no provider is sent it
    return unseal(*bytes);
}

int generation(std::string_view model) {
    if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
    static constexpr std::string_view kFamily = "gemini-";
    if (!model.starts_with(kFamily)) return 0;
    int number = 0;
    std::from_chars(model.data() + kFamily.size(), model.data() + model.size(), number);
    return number;
}

}  // namespace hearth::wire::gemini
