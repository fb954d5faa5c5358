#pragma once
// Attempts operations that a confined worker must not be able to do, and reports the kernel's results.
#include <string>

#include "engine/protocol/message.h"

namespace hearth::engine {

// Targets of the attempts. The defaults do not exist: a block shows as EPERM or EACCES before any lookup. The program's
// self-test uses real listeners and files.
struct ProbeTargets {
    int ipv4_port = 9, ipv6_port = 9, udp_port = 9;  // on loopback; 9 is the discard port
    std::string abstract_name = "hearth-probe";
    std::string socket_path = "/run/hearth-probe.sock";
    std::string neighbour;               // a file beside the model
    std::string new_file = "/dev/null";  // a path to open for writing, created if missing
};

// Fills report.probes, and report.level from them: kernel when every attempt was blocked, none when none was.
void probe_confinement(const ProbeTargets& targets, ConfinementReport& report);

}  // namespace hearth::engine
