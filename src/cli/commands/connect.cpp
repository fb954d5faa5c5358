// connect: configures a tool to use Hearth, and undoes it. Shows the change first, keeps the original.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/nearest.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/connect/show.h"
#include "cli/connect/target.h"
#include "cli/terminal.h"
#include "text/utf8.h"

namespace hearth::cli {

namespace {

using namespace connect;

constexpr Option kConnectOptions[] = {
    {"--model", "NAME", "the model to use; default: auto, or the tool's own names", 'm'},
    {"--fast-model", "NAME", "the model for titles and other small calls"},
    {"--context", "N", "the model's context size in tokens, for tools that need it"},
    {"--key", "KEY", "the tool's key for Hearth; only if Hearth requires keys"},
    {"--url", "URL", "Hearth's address; default: the running one, else as configured"},
    {"--print", "", "write nothing: print export lines for eval, or the settings", 'p'},
    {"--undo", "", "restore the original settings"},
    {"--force", "", "with --undo: restore the original file, discarding later changes"},
    {"--yes", "", "do not prompt", 'y'},
};

// No terminal to prompt on: then nothing is written without --yes.
bool agreed(const Context& context, const Arguments& arguments, std::string_view question) {
    if (arguments.has("--yes")) return true;
    if (context.json || !is_terminal(stdin) || !is_terminal(stdout)) {
        print_error("Nothing is written without a terminal for confirmation; use --yes.\n");
        return false;
    }
    print(fmt::format("\n{} [y/N] ", question));
    (void)std::fflush(stdout);
    char line[16] = {};
    const std::string_view answer = std::fgets(line, sizeof line, stdin) ? line : "";
    const bool yes = answer == "y\n" || answer == "Y\n" || answer == "yes\n";
    if (!yes) print("Nothing is changed.\n");
    return yes;
}

int connect_tool(const Context& context, const Arguments& arguments, const Tool& tool,
                 const Records& records) {
    const auto target = find_target(context, arguments);
    if (!target) return report(context, target.error());
    const auto drafts = draft(tool, *target, records);
    if (!drafts) return report(context, drafts.error());
    if (arguments.has("--print")) {
        print_settings(context, *drafts);
        return kDone;
    }
    const bool changes = std::ranges::any_of(drafts->files, &Draft::changes);
    if (!context.json) show_plan(context, tool, *target, *drafts);
    bool written = false;
    if (changes &&
        agreed(
            context, arguments,
            fmt::format("Write these changes? The original is kept: `hearth connect {} --undo` restores it.",
                        tool.name))) {
        if (auto made = context.home.create(); !made) return report(context, made.error());
        const auto done = write(
            drafts->files, {.time = to_rfc3339(system_clock().wall()), .origin = target->origin, .files = {}},
            records);
        if (!done) return report(context, done.error());
        written = true;
    }
    if (context.json) {
        print_json(tool, *target, *drafts, written);
        return kDone;
    }
    if (written) {
        print("\n");
        for (const auto& file : drafts->files) {
            if (file.changes()) print(fmt::format("Written: {}\n", tilde(context, file.path)));
        }
    }
    if (written || !changes) show_notes(tool, *drafts);
    return kDone;
}

int undo_tool(const Context& context, const Arguments& arguments, const Tool& tool, const Records& records) {
    const auto record = records.load();
    if (!record) return report(context, record.error());
    if (!*record) {
        return report(context,
                      {.code = Code::not_found,
                       .message = fmt::format("Hearth has written no settings of {}: there is nothing to "
                                              "undo.",
                                              tool.title)});
    }
    const auto files = plan_undo(**record, records, arguments.has("--force"));
    if (!files) return report(context, files.error());
    const auto refused = std::ranges::find_if(*files, [](const Undo& undo) { return !undo.refused.empty(); });
    if (!context.json) show_undo(context, *files);
    if (refused != files->end()) {
        return report(
            context, {.code = Code::conflict,
                      .message = fmt::format("{}: {}. Nothing is changed; `hearth connect {} --undo --force` "
                                             "restores the original and discards later changes.",
                                             refused->path.string(), refused->refused, tool.name)});
    }
    const bool done = agreed(context, arguments, "Restore it?");
    bool left = false;
    if (done) {
        if (const auto undone = write(*files); !undone) return report(context, undone.error());
        left = std::ranges::any_of(*files, [](const Undo& undo) { return !undo.to.left.empty(); });
        if (!left) records.remove_all();
    }
    if (context.json) {
        print_json(tool, *files, done);
    } else if (done) {
        print(fmt::format(
            "\n{} is as it was before.{}\n", tool.title,
            left ? fmt::format(" Except for the items above: `hearth connect {} --undo --force` restores "
                               "the whole original.",
                               tool.name)
                 : std::string()));
    }
    return kDone;
}

int connect_command(Context& context, const Arguments& arguments) {
    if (arguments.positional().empty()) {
        show_tools(context);
        return kDone;
    }
    const auto& name = arguments.positional()[0];
    const auto* tool = find_tool(name);
    if (!tool) {
        std::vector<std::string_view> names;
        for (const auto& one : tools()) names.push_back(one.name);
        const auto near = nearest_word(name, names);
        (void)report(context,
                     {.code = Code::not_found,
                      .message = fmt::format(
                          "There is no tool \"{}\".{} `hearth connect` lists them.", text::printable(name),
                          near.empty() ? "" : fmt::format(" Did you mean \"{}\"?", near))});
        return kUsage;
    }
    const Records records(context.home, tool->name);
    return arguments.has("--undo") ? undo_tool(context, arguments, *tool, records)
                                   : connect_tool(context, arguments, *tool, records);
}

}  // namespace

const Command kConnect{
    .name = "connect",
    .group = Group::setup,
    .arguments = "[TOOL]",
    .min = 0,
    .max = 1,
    .summary = "Configure a coding tool to use Hearth, or undo it",
    .options = kConnectOptions,
    .details =
        "Without TOOL it lists the tools. With one it shows the changes and prompts; without a\n"
        "terminal it only shows them. The original is kept under connect/ in Hearth's home. What each\n"
        "tool gets, and what does not use Hearth: docs/connect.md.\n\n"
        "Examples:\n"
        "  hearth connect claude-code --model local\n"
        "  hearth connect codex --yes\n"
        "  hearth connect codex --undo\n"
        "  eval \"$(hearth connect copilot-cli --print)\"    for this shell only\n",
    .run = connect_command,
    .complete = Complete::tool};

}  // namespace hearth::cli
