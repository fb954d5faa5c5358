#include "pipeline/delivery/filters.h"

namespace hearth::pipeline {

FilterChain::FilterChain(std::span<const FilterRow> rows, const RequestContext& context,
                         const Attempt& attempt) {
    if (exchange::passes_through(context.kind())) return;  // what is not read is not changed
    for (const auto& row : rows) {
        if (auto filter = row.make(context, attempt)) filters_.push_back(std::move(filter));
    }
}

std::vector<exchange::Event> FilterChain::apply(std::vector<exchange::Event> events) {
    for (const auto& filter : filters_) {
        std::vector<exchange::Event> out;
        out.reserve(events.size());
        for (auto& event : events) filter->apply(std::move(event), out);
        events = std::move(out);
    }
    return events;
}

}  // namespace hearth::pipeline
