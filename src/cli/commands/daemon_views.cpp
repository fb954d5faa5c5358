// models, ps, stop, route: commands that need a running Hearth.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"
#include "models/memory.h"
#include "text/json_writer.h"

namespace hearth::cli {

namespace {

std::string string_of(json::Value value) {
    return std::string(value.as_string());
}

std::string bytes_of(json::Value value) {
    const auto bytes = value.as_uint();
    return bytes && *bytes > 0 ? models::human_bytes(*bytes) : "";
}

void add_model(Table& table, json::Value model) {
    auto state = string_of(model["not_ready"]);
    if (state.empty()) state = model["loaded"].as_bool().value_or(false) ? "loaded" : "ready";
    table.add({string_of(model["name"]), string_of(model["place"]), bytes_of(model["bytes"]), state});
}

// Lists usable models; those that only lack a key are counted.
void show_ready_models(json::Value root) {
    Table table({{"MODEL"}, {"PLACE"}, {"SIZE", true}, {"STATE"}});
    std::size_t others = 0;
    for (const auto model : root["models"].elements()) {
        if (model["not_ready"].as_string().empty()) {
            add_model(table, model);
        } else {
            ++others;
        }
    }
    print(table.render(is_terminal(stdout)));
    if (others > 0)
        print_error(fmt::format("{} more need their provider's key: hearth models --all\n", others));
}

void show_all_models(json::Value root) {
    Table table({{"MODEL"}, {"PLACE"}, {"SIZE", true}, {"STATE"}});
    for (const auto model : root["models"].elements()) add_model(table, model);
    print(table.render(is_terminal(stdout)));
}

constexpr Option kModelsOptions[] = {{"--all", "", "also models whose provider has no key", 'a'}};

int models_command(Context& context, const Arguments& arguments) {
    const auto daemon = find_daemon(context);
    if (!daemon) return report_daemon(context, daemon.error());
    const bool all = arguments.has("--all");
    return show_answer(context, ask(*daemon, "GET", "/hearth/v1/models"),
                       all ? show_all_models : show_ready_models);
}

void show_ps(json::Value root) {
    Table table({{"MODEL"},
                 {"STATE"},
                 {"PID", true},
                 {"MEMORY", true},
                 {"CONTEXT", true},
                 {"REQUESTS", true},
                 {"CONFINED"},
                 {"UNLOADS"}});
    for (const auto worker : root["workers"].elements()) {
        const auto pid = worker["pid"].as_int().value_or(0);
        const auto unload = string_of(worker["unload_at"]);
        table.add({string_of(worker["model"]), string_of(worker["state"]), pid > 0 ? std::to_string(pid) : "",
                   bytes_of(worker["memory_bytes"]),
                   human_count(worker["context_tokens"].as_int().value_or(0)),
                   std::to_string(worker["open"].as_int().value_or(0)), string_of(worker["confinement"]),
                   unload.size() >= 19 ? unload.substr(11, 8) + " UTC" : ""});
    }
    print(table.empty() ? "No model is loaded.\n" : table.render(is_terminal(stdout)));
    for (const auto worker : root["workers"].elements()) {
        const auto why = string_of(worker["last_error"]);
        if (!why.empty()) print(fmt::format("{}: {}\n", string_of(worker["model"]), why));
    }
}

int ps(Context& context, const Arguments&) {
    const auto daemon = find_daemon(context);
    if (!daemon) return report_daemon(context, daemon.error());
    return show_answer(context, ask(*daemon, "GET", "/hearth/v1/ps"), show_ps);
}

// Without a model: stops the daemon, and waits until its streams have ended and its lock is released.
int stop_daemon(Context& context, const HttpClient& daemon) {
    const auto running = config::running_daemon(context.home);
    const auto answer = ask(daemon, "POST", "/hearth/v1/stop", "{}");
    if (!answer) return report(context, answer.error());
    constexpr std::chrono::milliseconds kStep{50};
    for (std::chrono::milliseconds waited{0}; waited < std::chrono::minutes(2); waited += kStep) {
        const auto now = config::running_daemon(context.home);
        if (!now || (running && now->pid != running->pid)) {
            print(context.json ? "{\"stopped\":true}\n" : "Hearth has stopped.\n");
            return kDone;
        }
        std::this_thread::sleep_for(kStep);
    }
    return report(context, {.code = Code::unavailable,
                            .message = fmt::format("Hearth (process {}) is still finishing open streams.",
                                                   running ? running->pid : 0),
                            .http_status = 1});
}

int stop(Context& context, const Arguments& arguments) {
    const auto daemon = find_daemon(context);
    if (!daemon) return report_daemon(context, daemon.error());
    if (arguments.positional().empty()) return stop_daemon(context, *daemon);
    std::string body;
    json::Writer(body).begin_object().member("model", arguments.positional()[0]).end_object();
    const auto answer = ask(*daemon, "POST", "/hearth/v1/unload", body);
    if (!answer) return report(context, answer.error());
    print(context.json ? *answer + "\n" : fmt::format("{} was unloaded.\n", arguments.positional()[0]));
    return kDone;
}

void show_route(json::Value root) {
    std::size_t number = 0;
    for (const auto step : root["steps"].elements()) {
        const auto line = fmt::format("{}. {}  ({})  {}\n", ++number, string_of(step["model"]),
                                      string_of(step["place"]), string_of(step["reason"]));
        print(number == 1 ? styled(line, Style::bold) : line);
    }
    if (number == 0) print("No model may answer this request.\n");
    if (root["refusals"].size() > 0) print("Excluded:\n");
    for (const auto refusal : root["refusals"].elements()) {
        print(fmt::format("   {}: {}\n", string_of(refusal["model"]), string_of(refusal["why"])));
    }
}

constexpr Option kRouteOptions[] = {{"--model", "NAME", "the requested model; default: auto", 'm'}};

int route(Context& context, const Arguments& arguments) {
    const auto daemon = find_daemon(context);
    if (!daemon) return report_daemon(context, daemon.error());
    std::string body;
    json::Writer writer(body);
    writer.begin_object()
        .member("text", arguments.joined(0))
        .member("model", arguments.value("--model").value_or("auto"));
    writer.end_object();
    return show_answer(context, ask(*daemon, "POST", "/hearth/v1/route", body), show_route);
}

}  // namespace

const Command kModels{.name = "models",
                      .group = Group::models,
                      .arguments = "",
                      .summary = "List the usable models, local and remote",
                      .options = kModelsOptions,
                      .run = models_command};

const Command kPs{.name = "ps",
                  .group = Group::start,
                  .arguments = "",
                  .summary = "Show the models in memory",
                  .options = {},
                  .run = ps};

const Command kStop{
    .name = "stop",
    .group = Group::start,
    .arguments = "[MODEL]",
    .max = 1,
    .summary = "Stop Hearth, or only unload a model",
    .options = {},
    .details = "Open streams finish first.\n\nExamples:\n  hearth stop\n  hearth stop spark\n",
    .run = stop,
    .complete = Complete::model};

const Command kRoute{
    .name = "route",
    .group = Group::inspect,
    .arguments = "TEXT...",
    .min = 1,
    .max = 10'000,
    .summary = "Explain where a request would be routed and why, without sending it",
    .options = kRouteOptions,
    .details = "Examples:\n  hearth route \"write a regex for dates\"\n  hearth route --model cloud hello\n",
    .run = route};

}  // namespace hearth::cli
