// list, show, rm: the models on this machine. The store is a folder, so list and show need no running Hearth; rm uses a
// running one, since a loaded model must be unloaded first.
#include <fmt/format.h>

#include <set>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/terminal.h"
#include "models/memory.h"
#include "models/store.h"
#include "text/json_writer.h"
#include "text/url.h"

namespace hearth::cli {

namespace {

models::Store store_of(const Context& context) {
    models::Store::Options options{.root = context.home.models().string(), .builtin = {}, .discover = true};
    if (const auto config = context.config()) {
        options.folders = (*config)->engine.models_dirs;
    } else {
        print_error(
            fmt::format("warning: [engine] models_dirs is not searched: {}\n", config.error()->message));
    }
    return models::Store(std::move(options));
}

// Names of the daemon's loaded models; nullopt: no daemon.
std::optional<std::set<std::string>> loaded_models(const Context& context) {
    const auto daemon = find_daemon(context);
    if (!daemon) return std::nullopt;
    std::set<std::string> names;
    if (const auto answer = ask(*daemon, "GET", "/hearth/v1/ps")) {
        json::Document document;
        if (document.parse(*answer)) {
            for (const auto worker : document.root()["workers"].elements())
                names.emplace(worker["model"].as_string());
        }
    }
    return names;
}

std::string human_parameters(std::uint64_t count) {  // "1.5B", "494M"
    const auto number = static_cast<double>(count);
    return number >= 1e9 ? fmt::format("{:.1f}B", number / 1e9) : fmt::format("{:.0f}M", number / 1e6);
}

std::string summary_of(const models::Model& model) {
    const auto& facts = model.facts;
    auto text = facts.architecture;
    if (facts.parameters > 0) text += " " + human_parameters(facts.parameters);
    if (!facts.quantization.empty()) text += " " + facts.quantization;
    return text;
}

constexpr Option kListOptions[] = {{"--names", "", "names only, one per line", 'q'}};

int list_models(Context& context, const Arguments& arguments) {
    const auto listing = store_of(context).list();
    if (arguments.has("--names")) {
        for (const auto& model : listing.models) print(model.name + "\n");
        return kDone;
    }
    const auto loaded = loaded_models(context);
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().member("running", loaded.has_value()).key("models").begin_array();
        for (const auto& model : listing.models) {
            writer.begin_object()
                .member("name", model.name)
                .member("origin", model.origin)
                .member("source", model.source);
            writer.member("bytes", model.bytes).member("architecture", model.facts.architecture);
            writer.member("loaded", loaded && loaded->contains(model.name)).end_object();
        }
        writer.end_array().end_object();
        print(out + "\n");
        return kDone;
    }
    Table table({{"MODEL"}, {"SIZE", true}, {"WHAT"}, {"FROM"}, {"LOADED"}});
    for (const auto& model : listing.models) {
        table.add({model.name, models::human_bytes(model.bytes), summary_of(model), model.origin,
                   loaded && loaded->contains(model.name) ? "yes" : ""});
    }
    print(table.empty() ? "There are no models. `hearth pull hf:ORG/REPO` downloads one.\n"
                        : table.render(is_terminal(stdout)));
    for (const auto& sentence : listing.warnings) print_error(fmt::format("warning: {}\n", sentence));
    if (!loaded) print_error("No Hearth is running: nothing is loaded.\n");
    return kDone;
}

int show(Context& context, const Arguments& arguments) {
    const auto model = store_of(context).resolve(arguments.positional()[0]);
    if (!model) return report(context, model.error());
    const auto& facts = model->facts;
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object()
            .member("name", model->name)
            .member("source", model->source)
            .member("origin", model->origin);
        writer.member("bytes", model->bytes).member("architecture", facts.architecture);
        writer.member("quantization", facts.quantization).member("context_tokens", facts.context_length);
        writer.key("files").begin_array();
        for (const auto& file : model->files) {
            writer.begin_object().member("path", file.path).member("bytes", file.bytes);
            writer.member("sha256", file.sha256).end_object();
        }
        writer.end_array().end_object();
        print(out + "\n");
        return kDone;
    }
    const auto row = [](std::string_view key, const std::string& value) {
        if (!value.empty()) print(fmt::format("  {:14} {}\n", key, value));
    };
    print(styled(model->name, Style::bold) + "\n");
    row("from", model->source);
    row("what", summary_of(*model));
    row("size", models::human_bytes(model->bytes));
    if (facts.context_length > 0)
        row("trained for", human_count(static_cast<std::int64_t>(facts.context_length)) + " tokens");
    for (const auto& file : model->files) {
        row("file", file.path);
        row("sha256", file.sha256);
    }
    return kDone;
}

int remove_models(Context& context, const Arguments& arguments) {
    const auto& name = arguments.positional()[0];
    std::uint64_t freed = 0;
    if (const auto daemon = find_daemon(context)) {
        const auto answer = ask(*daemon, "DELETE", "/hearth/v1/models?name=" + text::percent_encode(name));
        if (!answer) return report(context, answer.error());
        json::Document document;
        if (document.parse(*answer)) freed = document.root()["freed_bytes"].as_uint().value_or(0);
    } else {
        const auto removed = store_of(context).remove(name);
        if (!removed) return report(context, removed.error());
        freed = *removed;
    }
    print(context.json ? fmt::format("{{\"freed_bytes\":{}}}\n", freed)
                       : fmt::format("Removed {}, {} freed.\n", name, models::human_bytes(freed)));
    return kDone;
}

}  // namespace

const Command kList{.name = "list",
                    .group = Group::models,
                    .arguments = "",
                    .summary = "List the models on this machine",
                    .options = kListOptions,
                    .details =
                        "Does not need a running Hearth; with one it shows which are loaded.\n\n"
                        "Examples:\n  hearth list\n  hearth list --json\n",
                    .run = list_models};

const Command kShow{.name = "show",
                    .group = Group::models,
                    .arguments = "MODEL",
                    .min = 1,
                    .max = 1,
                    .summary = "Show a model's properties and files",
                    .options = {},
                    .details = "Example:\n  hearth show spark\n",
                    .run = show,
                    .complete = Complete::model};

const Command kRemove{.name = "rm",
                      .group = Group::models,
                      .arguments = "MODEL",
                      .min = 1,
                      .max = 1,
                      .summary = "Remove a model from this machine",
                      .options = {},
                      .details = "The built-in model and models of other programs cannot be removed.\n",
                      .run = remove_models,
                      .complete = Complete::model};

}  // namespace hearth::cli
