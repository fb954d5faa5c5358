#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"

namespace hearth::cli {

namespace {

void show_keys(std::string_view heading, json::Value keys) {
    if (keys.size() == 0) return;
    print(fmt::format("{}\n", heading));
    for (const auto key : keys.elements()) print(fmt::format("  {}\n", key.as_string()));
}

void show_reload(json::Value root) {
    const auto applied = root["applied"], waiting = root["needs_restart"];
    if (applied.size() == 0 && waiting.size() == 0) {
        print("The configuration has not changed.\n");
        return;
    }
    show_keys("Applied:", applied);
    show_keys("Needs a restart:", waiting);
}

int reload(Context& context, const Arguments&) {
    const auto daemon = find_daemon(context);
    if (!daemon) return report_daemon(context, daemon.error());
    return show_answer(context, ask(*daemon, "POST", "/hearth/v1/reload", "{}"), show_reload);
}

}  // namespace

const Command kReload{
    .name = "reload",
    .group = Group::start,
    .arguments = "",
    .summary = "Make the running Hearth read its configuration again",
    .options = {},
    .details =
        "The running Hearth reads the file that it was started with; flags and variables of its start still\n"
        "win. Open streams go on. With an error in the file nothing changes, and the exit status is 1.\n\n"
        "Examples:\n  hearth reload\n  hearth reload --json\n",
    .run = reload};

}  // namespace hearth::cli
