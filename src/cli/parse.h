#pragma once
// Parses the command line into a command and its arguments. Options may be anywhere: --name VALUE, --name=VALUE,
// -n VALUE; `--` ends them.
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace hearth::cli {

struct Parsed {
    const Command* command = nullptr;  // null: none given
    Arguments arguments;
    bool help = false;
    std::string topic;  // help for a group of commands: "key"
};

// Error (invalid_request): a message with the nearest command or option.
[[nodiscard]] Result<Parsed> parse(const std::vector<std::string>& words);

[[nodiscard]] std::string overview(std::string_view version);  // `hearth --help`
[[nodiscard]] std::string help(const Command& command);        // `hearth run --help`
[[nodiscard]] std::string help_topic(
    std::string_view first_word);  // `hearth key --help`; empty: no such commands

}  // namespace hearth::cli
