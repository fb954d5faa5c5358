#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/parse.h"

namespace hearth::cli {

namespace {

std::string usage_of(const Command& command) {
    return fmt::format("hearth {}{}{}", command.name, command.arguments.empty() ? "" : " ",
                       command.arguments);
}

std::string option_text(const Option& option) {
    auto text =
        option.letter != 0 ? fmt::format("-{}, {}", option.letter, option.name) : std::string(option.name);
    if (!option.value.empty()) text += fmt::format(" {}", option.value);
    return text;
}

}  // namespace

std::string overview(std::string_view version) {
    struct Heading {
        Group group;
        std::string_view title;
    };
    constexpr Heading kHeadings[] = {{Group::start, "Start and stop"},
                                     {Group::models, "Models"},
                                     {Group::inspect, "Inspect"},
                                     {Group::setup, "Set up"}};
    std::string out = fmt::format(
        "Hearth {}: one endpoint for every model you use, local first.\n\nUsage: hearth COMMAND "
        "[ARGUMENTS]\n",
        version);
    for (const auto& [group, title] : kHeadings) {
        out += fmt::format("\n{}:\n", title);
        for (const auto* command : commands()) {
            if (command->group == group) {
                out += fmt::format("  {:28} {}\n", usage_of(*command).substr(7), command->summary);
            }
        }
    }
    out +=
        "\nExamples:\n"
        "  hearth serve                           serve on 127.0.0.1:4327\n"
        "  hearth run spark \"def fibonacci(n):\"   a single prompt\n"
        "  git diff | hearth run local \"Write a commit message for this diff.\"\n"
        "  hearth ledger                          past requests and their costs\n"
        "\n`hearth COMMAND --help` describes a command. All commands accept --json and --config FILE.\n";
    return out;
}

std::string help(const Command& command) {
    std::string out = fmt::format("{}\n\nUsage: {}{}\n", command.summary, usage_of(command), " [OPTIONS]");
    out += "\nOptions:\n";
    std::size_t width = 0;
    for (const auto options : {command.options, common_options()}) {
        for (const auto& option : options) width = std::max(width, option_text(option).size());
    }
    for (const auto options : {command.options, common_options()}) {
        for (const auto& option : options) {
            out += fmt::format("  {:{}}  {}\n", option_text(option), width, option.help);
        }
    }
    if (!command.details.empty()) out += fmt::format("\n{}", command.details);
    return out;
}

std::string help_topic(std::string_view first_word) {
    std::string out;
    for (const auto* command : commands()) {
        if (command->name.starts_with(std::string(first_word) + " ")) {
            out += fmt::format("  {:28} {}\n", usage_of(*command), command->summary);
        }
    }
    return out.empty() ? out : fmt::format("Usage:\n{}", out);
}

}  // namespace hearth::cli
