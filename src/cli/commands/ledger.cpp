#include <fmt/format.h>

#include <charconv>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"
#include "ledger/json.h"
#include "store/sqlite/store.h"

namespace hearth::cli {

namespace {

constexpr Option kOptions[] = {
    {"--limit", "N", "how many, newest first; without it 20, 1000 at most", 'n'},
    {"--model", "NAME", "only this model"},
    {"--provider", "NAME", "only this provider"},
    {"--project", "NAME", "only this project"},
    {"--place", "PLACE", "only local, loopback, lan or cloud"},
};

Result<ledger::Query> query_of(const Arguments& arguments) {
    ledger::Query query{.limit = 20};
    if (const auto limit = arguments.value("--limit")) {
        const auto [end, bad] = std::from_chars(limit->data(), limit->data() + limit->size(), query.limit);
        if (bad != std::errc{} || end != limit->data() + limit->size() || query.limit < 1 ||
            query.limit > ledger::kMaxQuery) {
            return fail(Code::invalid_request,
                        fmt::format("--limit is a number from 1 to {}.", ledger::kMaxQuery));
        }
    }
    query.model = arguments.value("--model").value_or("");
    query.provider = arguments.value("--provider").value_or("");
    query.project = arguments.value("--project").value_or("");
    if (const auto place = arguments.value("--place")) {
        query.place = place_from(*place);
        if (!query.place)
            return fail(Code::invalid_request, "--place is one of local, loopback, lan, cloud.");
    }
    return query;
}

std::string tokens(const std::optional<std::int64_t>& count) {
    return count ? human_count(*count) : "?";
}

std::string took(const ledger::Settlement& settlement) {
    return settlement.total ? human_duration(std::chrono::duration_cast<milliseconds>(*settlement.total))
                            : "";
}

void show(const std::vector<ledger::Entry>& entries) {
    Table table({{"TIME"},
                 {"MODEL"},
                 {"PROVIDER"},
                 {"PLACE"},
                 {"STATUS"},
                 {"IN", true},
                 {"OUT", true},
                 {"COST", true},
                 {"TOOK", true}});
    NanoUsd sum = 0;
    std::size_t unknown = 0;
    for (const auto& entry : entries) {
        const auto& end = entry.settlement;
        auto status = std::string(ledger::status_name(end.status));
        if (!end.error.empty()) status += " " + end.error;
        table.add({to_rfc3339(entry.intent.time).substr(0, 19), entry.intent.to.model,
                   entry.intent.to.provider, std::string(place_name(entry.intent.to.place)), status,
                   tokens(end.usage.input), tokens(end.usage.output), human_money(end.cost), took(end)});
        if (end.cost) {
            sum += *end.cost;
        } else {
            ++unknown;
        }
    }
    if (table.empty()) {
        print("The ledger holds nothing like that yet.\n");
        return;
    }
    print(table.render(is_terminal(stdout)));
    print(fmt::format("{} {}, {}{}\n", entries.size(), entries.size() == 1 ? "request" : "requests",
                      human_money(sum), unknown > 0 ? fmt::format(" and {} of unknown cost", unknown) : ""));
}

// Read from the file itself: the same rows with and without a running Hearth, which commits before it answers.
int ledger_command(Context& context, const Arguments& arguments) {
    const auto query = query_of(arguments);
    if (!query) return report(context, query.error());
    const auto config = context.config();
    if (!config) return report(context, config.error());
    const auto entries = store::sqlite::read_recent((*config)->ledger_path(), *query);
    if (!entries) return report(context, entries.error());
    if (context.json) {
        print(ledger::entries_json(*entries) + "\n");
    } else {
        show(*entries);
    }
    return kDone;
}

}  // namespace

const Command kLedger{.name = "ledger",
                      .group = Group::insight,
                      .arguments = "",
                      .summary = "Show what was asked, where it went and what it cost",
                      .options = kOptions,
                      .details =
                          "Times are UTC. A cost that nobody knows is unknown, never zero.\n\n"
                          "Examples:\n"
                          "  hearth ledger\n"
                          "  hearth ledger --place cloud -n 100\n"
                          "  hearth ledger --json | jq '.entries[].cost_nano_usd'\n",
                      .run = ledger_command};

}  // namespace hearth::cli
