#pragma once
// What /metrics shows of the pipeline. Touched on the loop's thread; label values are few: kinds, places, outcomes.
#include <array>
#include <optional>

#include "base/place.h"
#include "base/time.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "ledger/entry.h"
#include "telemetry/metrics.h"

namespace hearth::pipeline {

class Metrics {
  public:
    explicit Metrics(telemetry::Registry& registry);

    void settled(exchange::Kind kind, Place place, ledger::Status status, const exchange::Usage& usage,
                 std::optional<nanoseconds> first_token, nanoseconds total);
    void failed_over() { failovers_.add(); }
    void refused_at_door() { refused_.add(); }

  private:
    struct ByPlace {
        telemetry::Counter *input, *cached, *output;
        telemetry::Histogram *first_token, *total;
    };
    telemetry::Counter& requests(exchange::Kind kind, Place place, ledger::Status status);
    telemetry::Family<telemetry::Counter>& family_;
    std::array<telemetry::Counter*, exchange::kKinds * 4 * 6>
        requests_{};  // found once: a family's own look-up compares strings
    telemetry::Counter &failovers_, &refused_;
    std::array<ByPlace, 4> places_;
};

}  // namespace hearth::pipeline
