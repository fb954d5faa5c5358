#pragma once
// The table of commands. A new one is a file under cli/commands/ and a line here and in commands.cpp.
#include <span>

#include "cli/command.h"

namespace hearth::cli {

extern const Command kServe, kRun, kPull, kList, kShow, kRemove, kModels, kPs, kStop, kReload, kLedger,
    kRoute, kDoctor, kDialects, kConfigCheck, kKeyAdd, kKeyList, kKeyRemove, kCompletion, kConnect, kVersion;

[[nodiscard]] std::span<const Command* const> commands();

}  // namespace hearth::cli
