#include <fmt/format.h>

#include <algorithm>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"
#include "text/json_writer.h"

namespace hearth::cli {

namespace {

// What only the running process can tell: confinement as its workers proved it, the ledger's writer, circuits.
void ask_running(const Context& context, std::vector<Finding>& findings) {
    const auto daemon = find_daemon(context);
    if (!daemon) return;
    const auto answer = ask(*daemon, "GET", "/hearth/v1/doctor");
    json::Document document;
    if (!answer || !document.parse(*answer)) {
        findings.push_back({Finding::State::warning, "daemon",
                            answer ? "its answer is no JSON" : answer.error().message,
                            "hearth stop, then start it again"});
        return;
    }
    for (const auto check : document.root()["checks"].elements()) {
        const bool good = check["ok"].as_bool().value_or(false);
        findings.push_back({good ? Finding::State::good : Finding::State::warning,
                            "running: " + std::string(check["name"].as_string()),
                            std::string(check["message"].as_string()),
                            std::string(check["remedy"].as_string())});
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
    print(good ? "Nothing stands in the way.\n" : "Something stands in the way.\n");
    return good ? kDone : kFailed;
}

}  // namespace

const Command kDoctor{
    .name = "doctor",
    .group = Group::insight,
    .arguments = "",
    .summary = "Check that everything is in place; changes nothing",
    .options = {},
    .details = "Exit status 1 when something stands in the way. Keys are named, never shown.\n",
    .run = doctor};

}  // namespace hearth::cli
