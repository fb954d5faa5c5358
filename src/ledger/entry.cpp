#include "ledger/entry.h"

#include <iterator>

namespace hearth::ledger {

namespace {
constexpr std::string_view kStatusNames[] = {"running", "ok", "error", "cancelled", "refused", "interrupted"};
}

std::string_view status_name(Status status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<Status> status_from(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kStatusNames); ++i) {
        if (kStatusNames[i] == name) return static_cast<Status>(i);
    }
    return std::nullopt;
}

}  // namespace hearth::ledger
