#pragma once
// System call filters (seccomp(2), classic BPF), built by hand: what is not listed is refused with EPERM, so that a
// library that asks for more sees an error and goes on.
#include <cstdint>

#include "base/error.h"

namespace hearth::engine {

// The filter for the rest of the process's life, on all its threads. Allowed: memory (never executable), threads of
// this process, locks, clocks, reading and writing descriptors that are open already, and opening files for reading,
// which Landlock and then forbid_open() narrow down. Not allowed, among everything else: any socket call, exec, fork,
// ptrace, opening for writing, signals to others, new privileges.
// as_landlock_allows: opening for writing is Landlock's to judge, which sees paths; only where it is in force.
enum class Opening : std::uint8_t { to_read, as_landlock_allows };
Result<void> confine_system_calls(Opening opening);

// On top of it: no file is opened any more.
Result<void> forbid_open();

}  // namespace hearth::engine
