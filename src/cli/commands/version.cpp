#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"

namespace hearth::cli {

namespace {
int version(Context& context, const Arguments&) {
    print(context.json ? fmt::format("{{\"version\":\"{}\"}}\n", context.host.version)
                       : fmt::format("hearth {}\n", context.host.version));
    return kDone;
}
}  // namespace

const Command kVersion{.name = "version",
                       .group = Group::setup,
                       .arguments = "",
                       .summary = "Print the version",
                       .options = {},
                       .run = version};

}  // namespace hearth::cli
