#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"

namespace hearth::cli {

namespace {

constexpr Option kServeOptions[] = {
    {"--listen", "HOST:PORT", "listen address, default 127.0.0.1:4327; repeatable", 'l'},
    {"--offline", "", "never send anything to other machines, overriding the configuration"},
    {"--log-level", "LEVEL", "debug, info, warn, error or off"},
};

int serve(Context& context, const Arguments& arguments) {
    context.flags.listen = arguments.values("--listen");
    context.flags.offline = arguments.has("--offline");
    context.flags.log_level = arguments.value("--log-level");
    const auto checked = config::check(context.home, context.env, context.flags);
    for (const auto& warning : checked.warnings)
        print_error(fmt::format("warning: {}\n", warning.to_string()));
    if (!checked.config) {
        for (const auto& error : checked.errors) print_error(fmt::format("error: {}\n", error.to_string()));
        return kFailed;
    }
    if (auto made = context.home.create(); !made) return report(context, made.error());
    if (!context.host.serve)
        return report(context, {.code = Code::unsupported, .message = "This build cannot serve."});
    const auto load = [home = context.home, env = context.env, flags = context.flags] {
        return config::load(home, env, flags);
    };
    return context.host.serve(*checked.config, load);
}

}  // namespace

const Command kServe{.name = "serve",
                     .group = Group::start,
                     .arguments = "",
                     .summary = "Serve the endpoint until stopped (Ctrl-C)",
                     .options = kServeOptions,
                     .details =
                         "Clients need an OpenAI base URL of http://127.0.0.1:4327/v1 and any key.\n\n"
                         "Examples:\n"
                         "  hearth serve\n"
                         "  hearth serve --listen 127.0.0.1:9000 --offline\n"
                         "  hearth serve --listen 0.0.0.0:4327      (requires keys: hearth key add)\n",
                     .run = serve};

}  // namespace hearth::cli
