#pragma once
// The promises of the pipeline, held against what happened in a scenario:
//   exactly one settlement for each request, before the last byte;
//   exactly one circuit report for each trial (world.cpp counts them);
//   no byte leaves without a Cleared of these bytes (network.cpp looks at each request);
//   after content only the same answer, or an honest end;
//   the attempts' cost is what the vendors charge.
#include "log.h"
#include "upstream/settings.h"

namespace hearth::simulation {

// Adds to log.broken.
void check(const Scenario& scenario, Log& log, const upstream::Settings& settings);

}  // namespace hearth::simulation
