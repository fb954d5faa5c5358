#include "pipeline/health.h"

#include <fmt/format.h>

namespace hearth::pipeline {

Health::Health(const config::Config& config, Clock& clock) : clock_(clock) {
    options_.failures = static_cast<std::uint32_t>(config.route.circuit_failures);
    options_.open_for = config.route.circuit_open;
}

Health::Upstream& Health::upstream(const std::string& provider) {
    return upstreams_.try_emplace(provider, Upstream{provider::Circuit(options_), {}}).first->second;
}

std::string Health::unhealthy(const route::Model& model) const {
    const auto at = upstreams_.find(model.provider);
    if (at == upstreams_.end() || at->second.circuit.would_allow(clock_.mono())) return {};
    return fmt::format("it failed lately ({}) and is asked again in {} ms", at->second.last_error,
                       at->second.circuit.retry_in(clock_.mono()) / milliseconds(1));
}

std::int64_t Health::retry_in_ms(const std::string& provider) const {
    const auto at = upstreams_.find(provider);
    return at == upstreams_.end() ? 0 : at->second.circuit.retry_in(clock_.mono()) / milliseconds(1);
}

bool Health::take(const std::string& provider) {
    return upstream(provider).circuit.allow(clock_.mono());
}

void Health::succeeded(const std::string& provider) {
    auto& up = upstream(provider);
    up.circuit.succeeded();
    up.last_error.clear();
}

void Health::failed(const std::string& provider, provider::FailureCause cause, const Error& error) {
    auto& up = upstream(provider);
    switch (cause) {
        case provider::FailureCause::upstream:
            up.circuit.failed(clock_.mono());
            break;
        case provider::FailureCause::rate_limited:
            up.circuit.limited(clock_.mono(), milliseconds(error.retry_after_ms.value_or(1000)));
            break;
        case provider::FailureCause::request:
        case provider::FailureCause::credential:
        case provider::FailureCause::model:
            up.circuit.succeeded();
            return;  // it answered: the way there is sound
    }
    up.last_error = code_name(error.code);
}

void Health::abandoned(const std::string& provider) {
    upstream(provider).circuit.abandoned();
}

std::vector<Health::Row> Health::rows() const {
    std::vector<Row> out;
    for (const auto& [provider, up] : upstreams_) {
        out.push_back({provider, std::string(provider::state_name(up.circuit.state(clock_.mono()))),
                       up.circuit.failures(), up.circuit.retry_in(clock_.mono()) / milliseconds(1),
                       up.last_error});
    }
    return out;
}

}  // namespace hearth::pipeline
