#pragma once
// The state of upstreams as this process has seen it: a circuit breaker for each provider.
#include <cassert>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "provider/circuit.h"
#include "provider/classify.h"
#include "route/facts.h"

namespace hearth::upstream {

class Circuits;
struct UpstreamCircuit {
    provider::Circuit circuit;
    std::string last_error;
};

// The right to ask one upstream once, and the duty to report what came of it: exactly one report for each trial. A trial
// that is dropped without one reports that it was abandoned, which says nothing about the upstream.
class Trial {
  public:
    Trial() = default;
    Trial(Trial&& other) noexcept
        : circuits_(std::exchange(other.circuits_, nullptr)), upstream_(other.upstream_) {}
    Trial& operator=(Trial&& other) noexcept {
        abandon();
        circuits_ = std::exchange(other.circuits_, nullptr);
        upstream_ = other.upstream_;
        return *this;
    }
    ~Trial() { abandon(); }

    [[nodiscard]] bool open() const { return circuits_ != nullptr; }
    void succeeded();
    void failed(provider::FailureCause cause, const Error& error);
    void abandon();

  private:
    friend class Circuits;
    Trial(Circuits& circuits, UpstreamCircuit& upstream) : circuits_(&circuits), upstream_(&upstream) {}
    Circuits* circuits_ = nullptr;
    UpstreamCircuit* upstream_ = nullptr;
};

class Circuits {
  public:
    Circuits(const config::Config& config, Clock& clock);
    void set_options(const config::Config& config);  // for circuits that are made from now on

    // Why not to ask this model now, as a sentence; empty: nothing against it. For planning: takes no trial.
    [[nodiscard]] std::string unhealthy(const route::Model& model) const;
    // Milliseconds until the provider's circuit lets a request through.
    [[nodiscard]] std::int64_t retry_in_ms(std::string_view provider) const;

    // Before a request is sent. The trial is not open when another request is already trying.
    [[nodiscard]] Trial take(std::string_view provider);

    struct Row {
        std::string provider, state;
        std::uint32_t failures = 0;
        std::int64_t retry_in_ms = 0;
        std::string last_error;
    };
    [[nodiscard]] std::vector<Row> rows() const;

    // How many trials were taken and reported: equal when nothing is under way.
    struct Counts {
        std::uint64_t taken = 0, succeeded = 0, failed = 0, abandoned = 0;
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }

  private:
    friend class Trial;
    UpstreamCircuit& upstream(std::string_view provider);
    void report_success(UpstreamCircuit& up);
    void report_failure(UpstreamCircuit& up, provider::FailureCause cause, const Error& error);
    void report_abandoned(UpstreamCircuit& up);

    provider::Circuit::Options options_;
    Clock& clock_;
    Counts counts_;
    std::map<std::string, UpstreamCircuit, std::less<>>
        upstreams_;  // trials point into it: nothing is erased
};

}  // namespace hearth::upstream
