// Ids of calls that bore none.
#include <fmt/format.h>

#include "wire/gemini/request.h"

#include "base/fnv1a.h"

namespace hearth::wire::gemini {

namespace {

constexpr std::string_view kInvented = "call_";

bool all_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

std::string invented_id(std::string_view seed, std::size_t number) {
    return fmt::format("{}{:016x}_{}", kInvented, fnv1a(seed), number);
}

bool is_invented_id(std::string_view id) {
    static constexpr std::string_view kDigits = "0123456789", kHex = "0123456789abcdef";
    if (!id.starts_with(kInvented)) return false;
    id.remove_prefix(kInvented.size());
    if (all_of(id, kDigits)) return true;
    return id.size() > 17 && all_of(id.substr(0, 16), kHex) && id[16] == '_' &&
           all_of(id.substr(17), kDigits);
}

}  // namespace hearth::wire::gemini
