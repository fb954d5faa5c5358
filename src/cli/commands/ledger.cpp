#include <fmt/format.h>

#include <charconv>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"
#include "ledger/json.h"
#include "store/backends.h"
#include "text/url.h"

namespace hearth::cli {

namespace {

constexpr Option kLedgerOptions[] = {
    {"--limit", "N", "number of entries, newest first; default 20, at most 1000", 'n'},
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
                        fmt::format("--limit must be a number from 1 to {}.", ledger::kMaxQuery));
        }
    }
    query.model = arguments.value("--model").value_or("");
    query.provider = arguments.value("--provider").value_or("");
    query.project = arguments.value("--project").value_or("");
    if (const auto place = arguments.value("--place")) {
        query.place = place_from(*place);
        if (!query.place)
            return fail(Code::invalid_request, "--place must be local, loopback, lan or cloud.");
    }
    return query;
}

std::string tokens(json::Value count) {
    const auto known = count.as_int();
    return known ? human_count(*known) : "?";
}

std::string duration_of(json::Value timings) {
    const auto total = timings["total_ms"].as_double();
    return total ? human_duration(milliseconds(static_cast<std::int64_t>(*total))) : "";
}

std::string text_of(json::Value value) {
    return std::string(value.as_string());
}

void show(json::Value root) {
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
    const auto entries = root["entries"];
    for (const auto entry : entries.elements()) {
        const auto cost = entry["cost_nano_usd"].as_int();
        auto status = text_of(entry["status"]);
        if (const auto error = text_of(entry["error"]); !error.empty()) status += " " + error;
        table.add({text_of(entry["time"]).substr(0, 19), text_of(entry["model"]), text_of(entry["provider"]),
                   text_of(entry["place"]), status, tokens(entry["input_tokens"]),
                   tokens(entry["output_tokens"]), human_money(cost), duration_of(entry["timings"])});
        if (cost) {
            sum += *cost;
        } else {
            ++unknown;
        }
    }
    if (table.empty()) {
        print("The ledger has no such entries.\n");
        return;
    }
    print(table.render(is_terminal(stdout)));
    print(fmt::format("{} {}, {}{}\n", entries.size(), entries.size() == 1 ? "request" : "requests",
                      human_money(sum), unknown > 0 ? fmt::format(" and {} of unknown cost", unknown) : ""));
}

std::string target_of(const ledger::Query& query) {
    auto target = fmt::format("/hearth/v1/ledger?limit={}", query.limit);
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) target += fmt::format("&{}={}", name, text::percent_encode(value));
    };
    add("model", query.model);
    add("provider", query.provider);
    add("project", query.project);
    if (query.place) add("place", place_name(*query.place));
    return target;
}

// A running Hearth answers for its ledger; without one the store is read.
Result<std::string> entries_of(Context& context, const ledger::Query& query) {
    if (const auto daemon = find_daemon(context)) return ask(*daemon, "GET", target_of(query));
    const auto config = context.config();
    if (!config) return fail(config.error());
    const auto backend = store::find_backend((*config)->ledger.store);
    if (!backend) return fail(backend.error());
    const auto entries = (*backend)->read({.path = (*config)->ledger_path()}, query);
    if (!entries) return fail(entries.error());
    return ledger::entries_json(*entries);
}

int ledger_command(Context& context, const Arguments& arguments) {
    const auto query = query_of(arguments);
    if (!query) return report(context, query.error());
    return show_answer(context, entries_of(context, *query), show);
}

}  // namespace

const Command kLedger{
    .name = "ledger",
    .group = Group::inspect,
    .arguments = "",
    .summary = "Show what was asked, where it went and what it cost",
    .options = kLedgerOptions,
    .details =
        "Times are UTC. Tokens and cost are those of all attempts of a request together, rejected answers\n"
        "included; --json has each attempt's own. A cost that nobody knows is unknown, never zero.\n\n"
        "Examples:\n"
        "  hearth ledger\n"
        "  hearth ledger --place cloud -n 100\n"
        "  hearth ledger --json | jq '.entries[].cost_nano_usd'\n",
    .run = ledger_command};

}  // namespace hearth::cli
