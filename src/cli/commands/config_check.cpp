#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "provider/provider.h"
#include "store/backends.h"
#include "text/json_writer.h"

namespace hearth::cli {

namespace {

void write_findings(json::Writer& writer, std::string_view key,
                    const std::vector<config::Diagnostic>& findings) {
    writer.key(key).begin_array();
    for (const auto& one : findings) {
        writer.begin_object()
            .member("where", one.where)
            .member("line", one.line)
            .member("column", one.column);
        writer.member("message", one.message).end_object();
    }
    writer.end_array();
}

void print_finding(std::string_view kind, Style style, const config::Diagnostic& finding) {
    print(fmt::format("{} {}\n", styled(kind, style), finding.to_string()));
    if (finding.excerpt.empty()) return;
    print(fmt::format("  {:4} | {}\n       | {}^\n", finding.line, finding.excerpt,
                      std::string(finding.column > 0 ? finding.column - 1 : 0, ' ')));
}

// The names of the stores are known to the room that has them, not to the configuration.
void check_store(config::Report& report) {
    const auto backend = store::find_backend(report.config->ledger.store);
    if (backend) return;
    report.errors.push_back({.where = "configuration", .message = backend.error()->message});
    report.config = nullptr;
}

// What only the table of providers knows: which dialects there are, addresses, headers.
void check_providers(const Context& context, config::Report& report) {
    if (!report.config) return;
    const auto built = provider::Registry::build(*report.config, context.env);
    if (built) return;
    report.errors.push_back({.where = "providers", .message = built.error()->message});
    report.config = nullptr;
}

int check(Context& context, const Arguments&) {
    auto report = config::check(context.home, context.env, context.flags);
    if (report.config) check_store(report);
    check_providers(context, report);
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().member("ok", report.config != nullptr);
        write_findings(writer, "errors", report.errors);
        write_findings(writer, "warnings", report.warnings);
        writer.end_object();
        print(out + "\n");
        return report.config ? kDone : kFailed;
    }
    for (const auto& error : report.errors) print_finding("error:", Style::red, error);
    for (const auto& warning : report.warnings) print_finding("warning:", Style::yellow, warning);
    if (!report.config) {
        print(fmt::format("{} error{}. docs/configuration.md describes every key.\n", report.errors.size(),
                          report.errors.size() == 1 ? "" : "s"));
        return kFailed;
    }
    const auto& config = *report.config;
    std::string listen;
    for (const auto& one : config.server.listen) listen += (listen.empty() ? "" : ", ") + one.to_string();
    const auto permission_of = [&](Place place) {
        return config.policy.of(place) == config::Decision::allow ? "allowed" : "denied";
    };
    print(fmt::format(
        "{} {}\n", styled("ok:", Style::green),
        config.file.empty() ? "no configuration file, defaults and variables only" : config.file.string()));
    print(fmt::format(
        "  listens on   {}\n  clouds       {}{}\n  lan          {}\n  ledger       {}\n", listen,
        permission_of(Place::cloud), config.policy.offline ? " (offline)" : "", permission_of(Place::lan),
        store::find_backend(config.ledger.store).value()->location({.path = config.ledger_path()})));
    if (!config.providers.empty())
        print(fmt::format("  providers    {} configured\n", config.providers.size()));
    if (!config.projects.empty())
        print(fmt::format("  projects     {} configured\n", config.projects.size()));
    return kDone;
}

}  // namespace

const Command kConfigCheck{
    .name = "config check",
    .group = Group::setup,
    .arguments = "",
    .summary = "Check the configuration; errors have line and column",
    .options = {},
    .details = "Examples:\n  hearth config check\n  hearth config check --config ./hearth.toml --json\n",
    .run = check};

}  // namespace hearth::cli
