#pragma once
// The state of upstreams as this process has seen it: a circuit for each provider, and a note where a key was refused.
#include <map>
#include <string>

#include "base/time.h"
#include "config/config.h"
#include "provider/circuit.h"
#include "provider/classify.h"
#include "route/facts.h"

namespace hearth::pipeline {

class Health {
  public:
    Health(const config::Config& config, Clock& clock);

    // Why not to ask this model now, as a sentence; empty = fine. For planning: takes nothing.
    [[nodiscard]] std::string unhealthy(const route::Model& model) const;
    // Milliseconds until the provider's circuit lets a request through.
    [[nodiscard]] std::int64_t retry_in_ms(const std::string& provider) const;

    // Around an attempt: take() before sending (false: another request is already trying), then one report.
    [[nodiscard]] bool take(const std::string& provider);
    void succeeded(const std::string& provider);
    void failed(const std::string& provider, provider::FailureCause cause, const Error& error);
    void abandoned(const std::string& provider);

    struct Row {
        std::string provider, state;
        std::uint32_t failures = 0;
        std::int64_t retry_in_ms = 0;
        std::string last_error;
    };
    [[nodiscard]] std::vector<Row> rows() const;

  private:
    struct Upstream {
        provider::Circuit circuit;
        std::string last_error;
    };
    Upstream& upstream(const std::string& provider);
    provider::Circuit::Options options_;
    Clock& clock_;
    std::map<std::string, Upstream, std::less<>> upstreams_;
};

}  // namespace hearth::pipeline
