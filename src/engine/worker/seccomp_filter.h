#pragma once
// System call filters (seccomp(2), classic BPF), built by hand: calls that are not listed fail with EPERM, so that a
// library that tries more gets an error and continues.
#include <cstdint>

#include "base/error.h"

namespace hearth::engine {

// The permanent filter for all threads of the process. Allowed: memory (never executable), threads of
// this process, locks, clocks, reading and writing descriptors that are open already, and opening files for reading,
// which Landlock and then forbid_open() restrict further. Not allowed, among others: any socket call, exec, fork,
// ptrace, opening for writing, signals to others, new privileges.
// as_landlock_allows: opening for writing is left to Landlock, which checks paths; only if it is in force.
enum class Opening : std::uint8_t { to_read, as_landlock_allows };
Result<void> confine_system_calls(Opening opening);

// In addition: no file can be opened any more.
Result<void> forbid_open();

}  // namespace hearth::engine
