#include <fmt/format.h>

#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/connect/plan.h"
#include "cli/terminal.h"

namespace hearth::cli {

namespace {

// First words, and the second words of two-word commands: "key" -> add, list, rm.
std::map<std::string, std::set<std::string>> words() {
    std::map<std::string, std::set<std::string>> found;
    for (const auto* command : commands()) {
        const auto space = command->name.find(' ');
        auto& second = found[std::string(command->name.substr(0, space))];
        if (space != std::string_view::npos) second.emplace(command->name.substr(space + 1));
    }
    return found;
}

std::string options_of(const Command& command) {
    std::string out;
    for (const auto options : {command.options, common_options()}) {
        for (const auto& option : options) out += fmt::format("{}{}", out.empty() ? "" : " ", option.name);
    }
    return out;
}

std::string tool_names() {
    std::string out;
    for (const auto& tool : connect::tools()) out += fmt::format("{}{}", out.empty() ? "" : " ", tool.name);
    return out;
}

std::string first_words() {
    std::string out;
    for (const auto& [word, second] : words()) out += (out.empty() ? "" : " ") + word;
    return out;
}

// bash and zsh share it: zsh loads bashcompinit first.
std::string bash_functions() {
    std::string cases;
    for (const auto& [word, second] : words()) {
        if (second.empty()) continue;
        cases += fmt::format("        {}) if ((COMP_CWORD == 2)); then offer=\"{}\"; fi ;;\n", word,
                             fmt::join(second, " "));
    }
    std::string options;
    for (const auto* command : commands()) {
        const auto space = command->name.find(' ');
        if (space != std::string_view::npos) continue;
        std::string extra;
        if (command->complete == Complete::model) extra = "; offer=\"$(hearth list --names 2>/dev/null)\"";
        if (command->complete == Complete::file) extra = "; files=1";
        if (command->complete == Complete::tool) extra = fmt::format("; offer=\"{}\"", tool_names());
        options +=
            fmt::format("        {}) options=\"{}\"{} ;;\n", command->name, options_of(*command), extra);
    }
    return fmt::format(
        "_hearth() {{\n"
        "    local word=${{COMP_WORDS[COMP_CWORD]}} offer='' options='--help --json --config' files=''\n"
        "    COMPREPLY=()\n"
        "    if ((COMP_CWORD == 1)); then\n"
        "        COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\"))\n"
        "        return\n"
        "    fi\n"
        "    case ${{COMP_WORDS[1]}} in\n{}{}    esac\n"
        "    [[ $word == -* ]] && offer=$options\n"
        "    COMPREPLY=($(compgen -W \"$offer\" -- \"$word\"))\n"
        "    [[ $files || ${{COMP_WORDS[COMP_CWORD - 1]}} == --config ]] && COMPREPLY+=($(compgen -f -- "
        "\"$word\"))\n"
        "    return 0\n"
        "}}\n"
        "complete -o filenames -F _hearth hearth\n",
        first_words(), cases, options);
}

// For fish: within single quotes.
std::string quoted(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return "'" + out + "'";
}

std::string fish() {
    std::string out = "complete -c hearth -f\n";
    for (const auto* command : commands()) {
        const auto space = command->name.find(' ');
        const auto first = command->name.substr(0, space);
        if (space == std::string_view::npos) {
            out += fmt::format("complete -c hearth -n __fish_use_subcommand -a {} -d {}\n", first,
                               quoted(command->summary));
        } else {
            out += fmt::format("complete -c hearth -n __fish_use_subcommand -a {}\n", first);
            out += fmt::format("complete -c hearth -n '__fish_seen_subcommand_from {}' -a {} -d {}\n", first,
                               command->name.substr(space + 1), quoted(command->summary));
        }
        for (const auto& option : command->options) {
            out +=
                fmt::format("complete -c hearth -n '__fish_seen_subcommand_from {}' -l {}{} -d {}\n", first,
                            option.name.substr(2), option.value.empty() ? "" : " -r", quoted(option.help));
        }
        if (command->complete == Complete::model) {
            out += fmt::format(
                "complete -c hearth -n '__fish_seen_subcommand_from {}' -a '(hearth list --names "
                "2>/dev/null)'\n",
                first);
        }
        if (command->complete == Complete::tool) {
            out += fmt::format("complete -c hearth -n '__fish_seen_subcommand_from {}' -a '{}'\n", first,
                               tool_names());
        }
        if (command->complete == Complete::file) {
            out += fmt::format("complete -c hearth -n '__fish_seen_subcommand_from {}' -F\n", first);
        }
    }
    for (const auto& option : common_options()) {
        out += fmt::format("complete -c hearth -l {}{} -d {}\n", option.name.substr(2),
                           option.value.empty() ? "" : " -r", quoted(option.help));
    }
    return out;
}

int completion(Context& context, const Arguments& arguments) {
    const auto& shell = arguments.positional()[0];
    if (shell == "bash") {
        print(bash_functions());
    } else if (shell == "zsh") {
        print("#compdef hearth\nautoload -U +X bashcompinit && bashcompinit\n" + bash_functions());
    } else if (shell == "fish") {
        print(fish());
    } else {
        (void)report(context, {.code = Code::invalid_request,
                               .message = "Completions are available for bash, zsh and fish."});
        return kUsage;
    }
    return kDone;
}

}  // namespace

const Command kCompletion{.name = "completion",
                          .group = Group::setup,
                          .arguments = "bash|zsh|fish",
                          .min = 1,
                          .max = 1,
                          .summary = "Print completions for a shell",
                          .options = {},
                          .details =
                              "Examples:\n"
                              "  source <(hearth completion bash)       in ~/.bashrc\n"
                              "  source <(hearth completion zsh)        in ~/.zshrc\n"
                              "  hearth completion fish > ~/.config/fish/completions/hearth.fish\n",
                          .run = completion};

}  // namespace hearth::cli
