#pragma once
// The worker takes its own rights away, in two steps that cannot be undone: everything but reading its model file
// before that file is looked at (it comes from strangers), and the reading too once it is loaded.
//
// The means, each used where the kernel has it: an empty network namespace, no_new_privs, Landlock (files, TCP and
// abstract sockets), seccomp. Facts: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of Linux.
// What holds in the end is not believed but tried: confine_probe.h.
#include <string>
#include <vector>

#include "engine/protocol/message.h"

namespace hearth::engine {

// First thing in main(), while there is one thread: no core dumps, no other descriptors than 0 to 2 and `keep`, a
// network namespace of its own with nothing in it (where allowed).
void isolate_process(int keep, ConfinementReport& report, bool separate_network);

// Before the model is opened, after the libraries are: only `files` can be opened, for reading, by this thread and all
// that it starts; the system call filter holds for every thread.
void confine_before_load(const std::vector<std::string>& files, ConfinementReport& report);

// The same for a process that makes one file of others: `output`, which must exist, may be written too. False: this
// kernel cannot hold it to that file (no Landlock), and then nothing may be made of a stranger's file.
[[nodiscard]] bool confine_to_output(const std::vector<std::string>& files, const std::string& output);

// When the model is loaded: nothing is opened any more.
void confine_after_load(ConfinementReport& report);

}  // namespace hearth::engine
