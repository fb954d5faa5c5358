#include "upstream/circuits.h"

#include <fmt/format.h>

namespace hearth::upstream {

void Trial::succeeded() {
    assert(open());  // one report for each trial
    std::exchange(circuits_, nullptr)->report_success(*upstream_);
}

void Trial::failed(provider::FailureCause cause, const Error& error) {
    assert(open());
    std::exchange(circuits_, nullptr)->report_failure(*upstream_, cause, error);
}

void Trial::abandon() {
    if (circuits_) std::exchange(circuits_, nullptr)->report_abandoned(*upstream_);
}

Circuits::Circuits(const config::Config& config, Clock& clock) : clock_(clock) {
    set_options(config);
}

void Circuits::set_options(const config::Config& config) {
    options_.failures = static_cast<std::uint32_t>(config.route.circuit_failures);
    options_.open_for = config.route.circuit_open;
}

UpstreamCircuit& Circuits::upstream(std::string_view provider) {
    const auto at = upstreams_.find(provider);
    if (at != upstreams_.end()) return at->second;
    return upstreams_.try_emplace(std::string(provider), UpstreamCircuit{provider::Circuit(options_), {}})
        .first->second;
}

std::string Circuits::unhealthy(const route::Model& model) const {
    const auto at = upstreams_.find(model.provider);
    if (at == upstreams_.end() || at->second.circuit.would_allow(clock_.mono())) return {};
    return fmt::format("it failed lately ({}) and is asked again in {} ms", at->second.last_error,
                       at->second.circuit.retry_in(clock_.mono()) / milliseconds(1));
}

std::int64_t Circuits::retry_in_ms(std::string_view provider) const {
    const auto at = upstreams_.find(provider);
    return at == upstreams_.end() ? 0 : at->second.circuit.retry_in(clock_.mono()) / milliseconds(1);
}

Trial Circuits::take(std::string_view provider) {
    auto& up = upstream(provider);
    if (!up.circuit.allow(clock_.mono())) return {};
    ++counts_.taken;
    return {*this, up};
}

void Circuits::report_success(UpstreamCircuit& up) {
    ++counts_.succeeded;
    up.circuit.succeeded();
    up.last_error.clear();
}

void Circuits::report_failure(UpstreamCircuit& up, provider::FailureCause cause, const Error& error) {
    ++counts_.failed;
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

void Circuits::report_abandoned(UpstreamCircuit& up) {
    ++counts_.abandoned;
    up.circuit.abandoned();
}

std::vector<Circuits::Row> Circuits::rows() const {
    std::vector<Row> out;
    for (const auto& [provider, up] : upstreams_) {
        out.push_back({provider, std::string(provider::state_name(up.circuit.state(clock_.mono()))),
                       up.circuit.failures(), up.circuit.retry_in(clock_.mono()) / milliseconds(1),
                       up.last_error});
    }
    return out;
}

}  // namespace hearth::upstream
