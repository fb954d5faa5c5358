#include "wire/opaque.h"

namespace hearth::wire {

namespace {
constexpr std::string_view kMark = "hearth:1:";
}

std::string seal(std::string_view origin, std::string_view data) {
    std::string out;
    out.reserve(kMark.size() + origin.size() + 1 + data.size());
    out.append(kMark).append(origin).append(":").append(data);
    return out;
}

bool is_sealed(std::string_view text) {
    return text.starts_with(kMark);
}

exchange::Opaque unseal(std::string_view text) {
    if (!is_sealed(text)) return {std::string(text), {}};
    const auto rest = text.substr(kMark.size());
    const auto colon = rest.find(':');
    // A mark without an origin is broken: no provider has this id, so none is sent it.
    if (colon == std::string_view::npos || colon == 0) return {std::string(text), "nobody"};
    return {std::string(rest.substr(colon + 1)), std::string(rest.substr(0, colon))};
}

bool may_carry(const exchange::Opaque& opaque, std::string_view provider, exchange::Dialect request,
               exchange::Dialect upstream) {
    if (opaque.data.empty()) return false;
    return opaque.origin.empty() ? request == upstream : opaque.origin == provider;
}

}  // namespace hearth::wire
