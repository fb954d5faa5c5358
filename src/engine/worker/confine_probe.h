#pragma once
// Tries what a confined worker must not be able to do, and says what the kernel answered.
#include <string>

#include "engine/protocol/message.h"

namespace hearth::engine {

// Where the attempts go. The defaults lead nowhere: a refusal shows as EPERM or EACCES before anything is looked up.
// The self-test of the program fills in listeners and files that are really there.
struct ProbeTargets {
    int ipv4_port = 9, ipv6_port = 9, udp_port = 9;  // on loopback; 9 is the discard port
    std::string abstract_name = "hearth-probe";
    std::string socket_path = "/run/hearth-probe.sock";
    std::string neighbour;               // a file beside the model
    std::string new_file = "/dev/null";  // a path to open for writing, made if it is not there
};

// Fills report.probes, and report.level from them: kernel when every attempt was refused, none when none was.
void probe_confinement(const ProbeTargets& targets, ConfinementReport& report);

}  // namespace hearth::engine
