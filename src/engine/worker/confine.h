#pragma once
// The worker drops its privileges irrevocably in two steps: everything but reading its model file before that untrusted
// file is opened, and reading too once it is loaded.
//
// Mechanisms, each used if the kernel supports it: an empty network namespace, no_new_privs, Landlock (files, TCP and
// abstract sockets), seccomp. Facts: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of Linux.
// The result is verified by attempts: confine_probe.h.
#include <string>
#include <vector>

#include "engine/protocol/message.h"

namespace hearth::engine {

// First thing in main(), while there is one thread: no core dumps, no other descriptors than 0 to 2 and `keep`, an
// empty network namespace (where allowed).
void isolate_process(int keep, ConfinementReport& report, bool separate_network);

// After the libraries are opened, before the model is: only `files` can be opened, for reading, by this thread and its
// children; the system call filter applies to every thread.
void confine_before_load(const std::vector<std::string>& files, ConfinementReport& report);

// The same for a process that converts files: `output`, which must exist, may be written too. False: this kernel cannot
// restrict writing to that file (no Landlock), so an untrusted file must not be processed.
[[nodiscard]] bool confine_to_output(const std::vector<std::string>& files, const std::string& output);

// When the model is loaded: no file can be opened any more.
void confine_after_load(ConfinementReport& report);

}  // namespace hearth::engine
