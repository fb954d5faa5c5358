#include "pipeline/metrics.h"

namespace hearth::pipeline {

namespace {
double in_seconds(nanoseconds value) {
    return static_cast<double>(value.count()) * 1e-9;
}
std::uint64_t known(std::optional<std::int64_t> tokens) {
    return static_cast<std::uint64_t>(tokens.value_or(0));
}
}  // namespace

Metrics::Metrics(telemetry::Registry& registry)
    : family_(registry.counter("hearth_requests_total", "Requests that reached the pipeline.",
                               {"kind", "place", "status"})),
      failovers_(registry
                     .counter("hearth_failovers_total",
                              "Attempts that failed and were followed by another candidate.")
                     .with()),
      refused_(registry.counter("hearth_refused_total", "Requests refused unread: key, Host, Origin, hops.")
                   .with()) {
    auto& input = registry.counter("hearth_input_tokens_total", "Input tokens as reported.", {"place"});
    auto& cached =
        registry.counter("hearth_cached_input_tokens_total", "Input tokens served from a cache.", {"place"});
    auto& output = registry.counter("hearth_output_tokens_total", "Output tokens as reported.", {"place"});
    auto& first =
        registry.histogram("hearth_first_token_seconds", "From the whole request to the first content.",
                           telemetry::latency_buckets(), {"place"});
    auto& total = registry.histogram("hearth_request_seconds", "From the whole request to its settlement.",
                                     telemetry::latency_buckets(), {"place"});
    for (const auto place : {Place::local, Place::loopback, Place::lan, Place::cloud}) {
        const auto name = place_name(place);
        places_[static_cast<std::size_t>(place)] = {&input.with({name}), &cached.with({name}),
                                                    &output.with({name}), &first.with({name}),
                                                    &total.with({name})};
    }
}

telemetry::Counter& Metrics::requests(exchange::Kind kind, Place place, ledger::Status status) {
    const auto at = (static_cast<std::size_t>(kind) * 4 + static_cast<std::size_t>(place)) * 6 +
                    static_cast<std::size_t>(status);
    auto*& counter = requests_[at];
    if (!counter)
        counter = &family_.with({exchange::kind_name(kind), place_name(place), ledger::status_name(status)});
    return *counter;
}

void Metrics::settled(exchange::Kind kind, Place place, ledger::Status status, const exchange::Usage& usage,
                      std::optional<nanoseconds> first_token, nanoseconds total) {
    requests(kind, place, status).add();
    auto& row = places_[static_cast<std::size_t>(place)];
    row.input->add(known(usage.input));
    row.cached->add(known(usage.cached_input));
    row.output->add(known(usage.output));
    if (first_token) row.first_token->observe(in_seconds(*first_token));
    row.total->observe(in_seconds(total));
}

}  // namespace hearth::pipeline
