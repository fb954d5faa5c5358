#include "cli/cli.h"

#include <fmt/format.h>

#include <clocale>
#include <csignal>

#include "cli/command.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "text/json_writer.h"

namespace hearth::cli {

int report(const Context& context, const Error& error) {
    print_error(fmt::format("{} {}\n", styled("error:", Style::red, stderr), error.message));
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().key("error").begin_object();
        writer.member("code", code_name(error.code))
            .member("message", error.message)
            .end_object()
            .end_object();
        print(out + "\n");
    }
    return kFailed;
}

int run(int argc, const char* const* argv, const Host& host) {
    (void)std::setlocale(LC_CTYPE, "");
    (void)std::signal(SIGPIPE, SIG_IGN);
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 1 && words[0] == "--version") words[0] = "version";
    if (!words.empty() && words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    auto parsed = parse(words);
    if (!parsed) {
        print_error(fmt::format("{} {}\n", styled("error:", Style::red, stderr), parsed.error()->message));
        return kUsage;
    }
    if (!parsed->command) {
        const bool help_requested = parsed->help || words.empty();
        print(parsed->topic.empty() ? overview(host.version) : help_topic(parsed->topic));
        return help_requested ? kDone : kUsage;
    }
    if (parsed->help) {
        print(help(*parsed->command));
        return kDone;
    }
    const auto& arguments = parsed->arguments;
    Context context{.host = host,
                    .home = {},
                    .env = config::Environment::of_process(),
                    .flags = {},
                    .json = arguments.has("--json")};
    if (const auto file = arguments.value("--config")) context.flags.file = *file;
    auto home = config::Home::find(context.env);
    if (!home) return report(context, home.error());
    context.home = std::move(*home);
    const int status = parsed->command->run(context, arguments);
    if (std::fflush(stdout) != 0 && status == kDone) {
        print_error("error: the output could not be written\n");
        return kFailed;
    }
    return status;
}

}  // namespace hearth::cli
