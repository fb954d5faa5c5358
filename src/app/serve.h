#pragma once
// The composition root of the daemon: makes every room's object in the order of the rooms, and takes them down in the
// opposite order.
#include <functional>

#include "config/config.h"

namespace hearth::app {

// Runs until SIGINT, SIGTERM or POST /hearth/v1/stop; lets streams finish. Exit status: 0; 1 with a sentence on stderr
// when it could not start (port in use, locked home, damaged ledger, keys missing for an address beyond this machine).
// `load` reads the configuration again, for a reload.
int serve(const config::Config& config, std::function<Result<config::Snapshot>()> load);

}  // namespace hearth::app
