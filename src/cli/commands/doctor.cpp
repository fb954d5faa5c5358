#include <fmt/format.h>

#include <algorithm>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"
#include "text/json_writer.h"

namespace hearth::cli {

namespace {

// Status of the running process: the ledger's writer, unreachable providers, confinement of model processes.
void ask_running(const Context& context, std::vector<Finding>& findings) {
    using State = Finding::State;
    const auto daemon = find_daemon(context);
    if (!daemon) return;
    const auto status = ask(*daemon, "GET", "/hearth/v1/status");
    const auto workers = ask(*daemon, "GET", "/hearth/v1/ps");
    json::Document document;
    if (!status || !workers || !document.parse(*status)) {
        const auto why = !status    ? status.error()->message
                         : !workers ? workers.error()->message
                                    : "its response is not JSON";
        findings.push_back({State::warning, "running", why, "hearth stop, then start it again"});
        return;
    }
    if (const auto problem = document.root()["ledger"]["problem"].as_string(); !problem.empty()) {
        findings.push_back({State::bad, "running ledger", std::string(problem),
                            "cloud requests are refused until it can write again"});
    }
    for (const auto circuit : document.root()["circuits"].elements()) {
        if (circuit["state"].as_string() == "closed") continue;
        findings.push_back({State::warning, "circuit",
                            fmt::format("{} is temporarily not used: {}", circuit["provider"].as_string(),
                                        circuit["last_error"].as_string()),
                            "it is retried automatically"});
    }
    if (!document.parse(*workers)) return;
    for (const auto worker : document.root()["workers"].elements()) {
        const auto level = worker["confinement"].as_string();
        const bool good = level == "kernel" || level.empty();
        findings.push_back(
            {good ? State::good : State::warning, "model",
             fmt::format("{}: {}{}{}", worker["model"].as_string(), worker["state"].as_string(),
                         level.empty() ? "" : ", confinement ", level),
             good ? "" : "see confinement above"});
    }
}

void print_json(const std::vector<Finding>& findings, bool good) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().member("ok", good).key("checks").begin_array();
    for (const auto& one : findings) {
        writer.begin_object()
            .member("name", one.name)
            .member("state", state_name(one.state))
            .member("message", one.message);
        writer.member("remedy", one.remedy).end_object();
    }
    writer.end_array().end_object();
    print(out + "\n");
}

int doctor(Context& context, const Arguments&) {
    auto findings = check_all(context);
    ask_running(context, findings);
    const bool good =
        std::ranges::none_of(findings, [](const Finding& f) { return f.state == Finding::State::bad; });
    if (context.json) {
        print_json(findings, good);
        return good ? kDone : kFailed;
    }
    for (const auto& one : findings) {
        constexpr Style kStyles[] = {Style::green, Style::yellow, Style::red};
        print(fmt::format(
            "{} {:15} {}\n",
            styled(fmt::format("{:8}", state_name(one.state)), kStyles[static_cast<std::size_t>(one.state)]),
            one.name, one.message));
        if (!one.remedy.empty()) print(fmt::format("{:25}try: {}\n", "", one.remedy));
    }
    print(good ? "No problems found.\n" : "There are problems.\n");
    return good ? kDone : kFailed;
}

}  // namespace

const Command kDoctor{.name = "doctor",
                      .group = Group::inspect,
                      .arguments = "",
                      .summary = "Check the installation; changes nothing",
                      .options = {},
                      .details = "Exit status 1 when there is a problem. Keys are named, never shown.\n",
                      .run = doctor};

}  // namespace hearth::cli
