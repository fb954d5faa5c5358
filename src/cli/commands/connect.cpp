// connect: points a tool at Hearth by its own settings, and back. Shows the change first, keeps the original.
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
    {"--model", "NAME", "the model to ask for; without it: auto, or the tool's own names", 'm'},
    {"--fast-model", "NAME", "the model for titles and other small calls"},
    {"--context", "N", "the model's window in tokens, for tools that must be told"},
    {"--key", "KEY", "what the tool presents to Hearth; only where Hearth asks for keys"},
    {"--url", "URL", "where Hearth is; without it the running one, else as configured"},
    {"--print", "", "write nothing: print export lines for eval, or the settings", 'p'},
    {"--undo", "", "bring the settings back as they were"},
    {"--force", "", "with --undo: the original file, whatever has been changed in it since"},
    {"--yes", "", "do not ask", 'y'},
};

// Nobody there to ask: then nothing is done without --yes.
bool agreed(const Context& context, const Arguments& arguments, std::string_view question) {
    if (arguments.has("--yes")) return true;
    if (context.json || !is_terminal(stdin) || !is_terminal(stdout)) {
        print_error("Nothing is written without a terminal to ask on: --yes writes.\n");
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
        agreed(context, arguments,
               fmt::format("Write this? The original is kept: `hearth connect {} --undo` brings it back.",
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
                                             "brings the original back and drops what was changed since.",
                                             refused->path.string(), refused->refused, tool.name)});
    }
    const bool done = agreed(context, arguments, "Bring it back?");
    bool left = false;
    if (done) {
        if (const auto undone = write(*files); !undone) return report(context, undone.error());
        left = std::ranges::any_of(*files, [](const Undo& undo) { return !undo.to.left.empty(); });
        if (!left) records.forget();
    }
    if (context.json) {
        print_json(tool, *files, done);
    } else if (done) {
        print(fmt::format(
            "\n{} is as it was before.{}\n", tool.title,
            left ? fmt::format(" Except what is named above: `hearth connect {} --undo --force` brings "
                               "the whole original back.",
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
        (void)report(context, {.code = Code::not_found,
                               .message = fmt::format(
                                   "There is no tool \"{}\" here.{} `hearth connect` lists them.",
                                   text::printable(name),
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
    .summary = "Point a coding tool at Hearth by its own settings, and back",
    .options = kConnectOptions,
    .details =
        "Without TOOL it lists the tools. With one it shows what would change and asks; without a\n"
        "terminal it only shows. The original is kept under connect/ in Hearth's home. What each\n"
        "tool gets, and what stays outside Hearth: docs/connect.md.\n\n"
        "Examples:\n"
        "  hearth connect claude-code --model local\n"
        "  hearth connect codex --yes\n"
        "  hearth connect codex --undo\n"
        "  eval \"$(hearth connect copilot-cli --print)\"    for this shell only\n",
    .run = connect_command,
    .complete = Complete::tool};

}  // namespace hearth::cli
