#include "ledger/entry.h"

#include <algorithm>
#include <iterator>

namespace hearth::ledger {

namespace {
constexpr std::string_view kStatusNames[] = {"running", "ok", "error", "cancelled", "refused", "interrupted"};

using Count = std::optional<std::int64_t>;

// Unknown when either is, and when the sum is out of range.
Count sum(const Count& a, const Count& b) {
    std::int64_t total = 0;
    if (!a || !b || __builtin_add_overflow(*a, *b, &total)) return std::nullopt;
    return total;
}

// Absent means none, unless both are absent.
Count sum_of_parts(const Count& a, const Count& b) {
    if (!a && !b) return std::nullopt;
    return sum(a.value_or(0), b.value_or(0));
}

}  // namespace

std::string_view status_name(Status status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<Status> status_from(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kStatusNames); ++i) {
        if (kStatusNames[i] == name) return static_cast<Status>(i);
    }
    return std::nullopt;
}

std::optional<NanoUsd> cost_without_usage(Place place, Code code, int http_status) {
    if (place != Place::cloud || http_status >= 400) return 0;
    switch (code) {
        case Code::upstream_failed:
        case Code::upstream_timeout:
        case Code::upstream_broken:
        case Code::answer_rejected:
        case Code::cancelled:
            return std::nullopt;  // the provider had the request and may have worked on it
        default:
            return 0;
    }
}

std::vector<std::string> as_lines(std::vector<std::string> warnings) {
    std::erase_if(warnings, [](const std::string& warning) { return warning.empty(); });
    for (auto& warning : warnings) std::ranges::replace(warning, '\n', ' ');
    return warnings;
}

std::optional<NanoUsd> Entry::total_cost() const {
    auto total = settlement.cost;
    for (const auto& attempt : attempts) total = sum(total, attempt.cost);
    return total;
}

exchange::Usage Entry::total_usage() const {
    auto total = settlement.usage;
    for (const auto& attempt : attempts) {
        const auto& usage = attempt.usage;
        if (attempt.cost == 0 && usage == exchange::Usage{}) continue;
        total.input = sum(total.input, usage.input);
        total.output = sum(total.output, usage.output);
        total.cached_input = sum_of_parts(total.cached_input, usage.cached_input);
        total.cache_write_input = sum_of_parts(total.cache_write_input, usage.cache_write_input);
        total.reasoning_output = sum_of_parts(total.reasoning_output, usage.reasoning_output);
    }
    return total;
}

}  // namespace hearth::ledger
