#pragma once
// The command line: `hearth COMMAND ...`. Commands are rows of one table (cli/commands.h), a file each under
// cli/commands/. Commands that need a running Hearth use HTTP; `serve` is passed in by app/, which this room cannot include.
#include <functional>
#include <string>

#include "config/config.h"

namespace hearth::cli {

struct Host {
    std::string version;  // "0.1.0"
    // Runs until stopped; exit status. `load` reads the configuration again, with the flags and variables of the start.
    using Load = std::function<Result<config::Snapshot>()>;
    std::function<int(const config::Config&, Load load)> serve;
};

// Exit status: 0 done; 1 failed; 2 usage error; 3 no Hearth is running and the command does not start one.
int run(int argc, const char* const* argv, const Host& host);

inline constexpr int kDone = 0, kFailed = 1, kUsage = 2, kNoDaemon = 3;

}  // namespace hearth::cli
