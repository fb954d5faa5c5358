#include "pipeline/delivery/heartbeat.h"

#include "pipeline/delivery/delivery.h"

namespace hearth::pipeline {

void Heartbeat::start(milliseconds interval) {
    interval_ = interval;
    if (interval.count() > 0) deadline_.arm_in(interval);
}

void Heartbeat::beat() {
    if (delivery_.send_keep_alive()) deadline_.arm_in(interval_);
}

}  // namespace hearth::pipeline
