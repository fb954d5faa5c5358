#include "config/keys.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "text/json_writer.h"

namespace hearth::cli {

namespace {

constexpr Option kAddOptions[] = {
    {"--project", "NAME", "the project for rules and costs; default: default", 'p'}};

void write_key(json::Writer& writer, const config::KeyInfo& info) {
    writer.member("id", info.id)
        .member("name", info.name)
        .member("project", info.project)
        .member("created", info.created);
}

int add(Context& context, const Arguments& arguments) {
    if (auto made = context.home.create(); !made) return report(context, made.error());
    const auto added = config::KeyStore::add(context.home.keys(), arguments.positional()[0],
                                             arguments.value("--project").value_or(""), system_random(),
                                             system_clock().wall());
    if (!added) return report(context, added.error());
    const auto& [info, key] = *added;
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object();
        write_key(writer, info);
        writer.member("key", key.reveal()).end_object();
        print(out + "\n");
    } else {
        print_error(fmt::format("Key \"{}\" ({}) for project {}. It is shown only once:\n", info.name,
                                info.id, info.project));
        print(fmt::format("{}\n", key.reveal()));
    }
    return kDone;
}

int list_keys(Context& context, const Arguments&) {
    const auto store = config::KeyStore::load(context.home.keys());
    if (!store) return report(context, store.error());
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().key("keys").begin_array();
        for (const auto& info : store->list()) {
            writer.begin_object();
            write_key(writer, info);
            writer.end_object();
        }
        writer.end_array().end_object();
        print(out + "\n");
        return kDone;
    }
    Table table({{"ID"}, {"NAME"}, {"PROJECT"}, {"CREATED"}});
    for (const auto& info : store->list())
        table.add({info.id, info.name, info.project, info.created.substr(0, 10)});
    print(table.empty() ? "There are no keys. `hearth key add NAME` creates one.\n"
                        : table.render(is_terminal(stdout)));
    return kDone;
}

int remove_key(Context& context, const Arguments& arguments) {
    const auto removed = config::KeyStore::remove(context.home.keys(), arguments.positional()[0]);
    if (!removed) return report(context, removed.error());
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object();
        write_key(writer, *removed);
        writer.end_object();
        print(out + "\n");
    } else {
        print(fmt::format("Removed key \"{}\" ({}). A running Hearth rejects it within a second.\n",
                          removed->name, removed->id));
    }
    return kDone;
}

}  // namespace

const Command kKeyAdd{.name = "key add",
                      .group = Group::setup,
                      .arguments = "NAME",
                      .min = 1,
                      .max = 1,
                      .summary = "Create a key for a client; it is shown once",
                      .options = kAddOptions,
                      .details =
                          "Only the key is written to stdout, so that it can be piped.\n\n"
                          "Examples:\n"
                          "  hearth key add laptop\n"
                          "  hearth key add ci --project website | pass insert -m hearth/ci\n",
                      .run = add};

const Command kKeyList{.name = "key list",
                       .group = Group::setup,
                       .arguments = "",
                       .summary = "List the keys' names, never the keys themselves",
                       .options = {},
                       .run = list_keys};

const Command kKeyRemove{.name = "key rm",
                         .group = Group::setup,
                         .arguments = "ID|NAME",
                         .min = 1,
                         .max = 1,
                         .summary = "Remove a key",
                         .options = {},
                         .run = remove_key};

}  // namespace hearth::cli
