#include "cli/connect/show.h"

#include <fmt/format.h>

#include "cli/connect/diff.h"
#include "cli/connect/marks.h"
#include "cli/terminal.h"
#include "text/json_writer.h"

namespace hearth::cli::connect {

namespace {

// For a shell: within single quotes.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string indented(std::string_view text) {
    std::string out;
    for (const auto& line : lines_of(text)) out += fmt::format("    {}\n", line.text);
    return out;
}

// The lines of a diff, coloured if enabled, with keys redacted.
void print_diff(std::string_view plain) {
    const auto diff = redacted(plain);
    for (const auto& line : lines_of(diff)) {
        const auto style = line.text.starts_with("+++") || line.text.starts_with("---") ? Style::bold
                           : line.text.starts_with('+')                                 ? Style::green
                           : line.text.starts_with('-')                                 ? Style::red
                           : line.text.starts_with("@@")                                ? Style::dim
                                                                                        : Style::plain;
        print(styled(line.text, style) + "\n");
    }
    if (diff != plain) print("(*** is a redacted key or password; the file has the real value.)\n");
}

std::string diff_of(const std::filesystem::path& path, std::string_view before, std::string_view after) {
    return unified_diff(before, after, path.string());
}

bool here(const Target& target, const std::filesystem::path& path) {
    std::error_code error;
    const auto folder = path.parent_path();
    return std::filesystem::exists(path, error) ||
           (folder != user_home(target) && std::filesystem::is_directory(folder, error));
}

struct Row {
    const Tool* tool;
    std::string settings;
    bool has_files = false, here = false, connected = false;
};

std::vector<Row> rows(const Context& context) {
    std::vector<Row> all;
    const Target target{.env = context.env};
    const Base nothing = [](const std::filesystem::path&) -> Result<std::string> { return std::string(); };
    for (const auto& tool : tools()) {
        Row row{.tool = &tool, .settings = "by hand"};
        const auto plan = tool.plan(target, nothing);
        if (plan && !plan->files.empty()) {
            row.has_files = true;
            row.settings = tilde(context, plan->files.front().path);
            row.here = here(target, plan->files.front().path);
        } else if (plan && plan->steps.empty()) {
            row.settings = "variables";
        }
        const auto record = Records(context.home, tool.name).load();
        row.connected = !record || record->has_value();
        all.push_back(std::move(row));
    }
    return all;
}

}  // namespace

std::string tilde(const Context& context, const std::filesystem::path& path) {
    const auto home = context.env.get("HOME");
    const auto text = path.string();
    return home && text.starts_with(*home + "/") ? "~" + text.substr(home->size()) : text;
}

void show_tools(const Context& context) {
    const auto all = rows(context);
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().key("tools").begin_array();
        for (const auto& row : all) {
            writer.begin_object().member("name", row.tool->name).member("title", row.tool->title);
            writer.member("api", row.tool->protocol)
                .member("settings", row.settings)
                .member("here", row.here);
            writer.member("connected", row.connected).member("cannot", row.tool->cannot).end_object();
        }
        writer.end_array().end_object();
        print(out + "\n");
        return;
    }
    Table table({{"TOOL"}, {"API"}, {"SETTINGS"}, {"STATE"}});
    for (const auto& row : all) {
        const auto* state = row.connected   ? "connected"
                            : row.here      ? "found here"
                            : row.has_files ? "not found"
                                            : "";
        table.add({std::string(row.tool->name), std::string(row.tool->protocol), row.settings, state});
    }
    print(table.render(is_terminal(stdout)));
    print("\n`hearth connect TOOL` shows the changes and prompts first.\n");
}

void show_plan(const Context& context, const Tool& tool, const Target& target, const Drafts& drafts) {
    if (drafts.plan.steps.empty())
        print(fmt::format("{} will use Hearth at {} ({}).\n", tool.title, target.origin, tool.protocol));
    for (const auto& draft : drafts.files) {
        if (!draft.by_hand.empty()) {
            print(
                fmt::format("\n{} is not edited: {}.\nAdd this by hand; merge parts that exist already"
                            "{}:\n\n{}",
                            tilde(context, draft.path), draft.by_hand,
                            target.key.empty() ? "" : " (*** is your key)", redacted(indented(draft.text))));
        } else if (draft.changes()) {
            print("\n");
            print_diff(diff_of(draft.path, draft.file.text, draft.text));
        } else {
            print(fmt::format("\n{} is already up to date.\n", tilde(context, draft.path)));
        }
        if (draft.changes() && draft.file.real != draft.path)
            print(fmt::format("(Symbolic link: {} is written.)\n", draft.file.real.string()));
    }
    if (!drafts.plan.steps.empty()) {
        print(fmt::format("Hearth cannot write the settings of {}. Manual steps:\n\n", tool.title));
        for (std::size_t i = 0; i < drafts.plan.steps.size(); ++i)
            print(fmt::format("  {}. {}\n", i + 1, drafts.plan.steps[i]));
    }
    if (drafts.plan.files.empty() && !drafts.plan.variables.empty()) {
        print("\nVariables:\n\n");
        for (const auto& [name, value] : drafts.plan.variables)
            print(redacted(fmt::format("    export {}={}\n", name, shell_quoted(value))));
        print(fmt::format("\nFor this shell: eval \"$(hearth connect {} --print)\"\n", tool.name));
    }
}

void show_notes(const Tool& tool, const Drafts& drafts) {
    print("\n");
    for (const auto& note : drafts.plan.notes) print(fmt::format("- {}\n", note));
    if (!tool.cannot.empty()) print(fmt::format("- {}\n", tool.cannot));
}

void print_settings(const Context& context, const Drafts& drafts) {
    for (const auto& [name, value] : drafts.plan.variables)
        print(fmt::format("export {}={}\n", name, shell_quoted(value)));
    if (!drafts.plan.variables.empty()) return;
    for (const auto& change : drafts.plan.files)
        print(fmt::format("# {}\n{}", tilde(context, change.path), snippet(change)));
    for (std::size_t i = 0; i < drafts.plan.steps.size(); ++i)
        print(fmt::format("{}. {}\n", i + 1, drafts.plan.steps[i]));
}

void print_json(const Tool& tool, const Target& target, const Drafts& drafts, bool written) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().member("tool", tool.name).member("url", target.origin).member("written", written);
    writer.key("files").begin_array();
    for (const auto& draft : drafts.files) {
        writer.begin_object().member("path", draft.path.string()).member("changes", draft.changes());
        if (!draft.by_hand.empty()) {
            writer.member("by_hand", draft.by_hand).member("settings", redacted(draft.text));
        } else {
            writer.member("diff", redacted(diff_of(draft.path, draft.file.text, draft.text)));
        }
        writer.end_object();
    }
    writer.end_array().key("variables").begin_object();
    for (const auto& [name, value] : drafts.plan.variables) writer.member(name, value);
    writer.end_object();
    for (const auto& [name, texts] :
         {std::pair{"steps", &drafts.plan.steps}, {"notes", &drafts.plan.notes}}) {
        writer.key(name).begin_array();
        for (const auto& text : *texts) writer.string(text);
        writer.end_array();
    }
    writer.member("cannot", tool.cannot).end_object();
    print(out + "\n");
}

void show_undo(const Context& context, const std::vector<Undo>& files) {
    for (const auto& undo : files) {
        const auto name = tilde(context, undo.path);
        if (!undo.refused.empty()) {
            print(fmt::format("{} cannot be undone automatically: {}.\nThis would restore its original:\n\n",
                              name, undo.refused));
        } else if (!undo.to.there) {
            print(undo.file.there ? fmt::format("{} was created by Hearth and will be removed:\n\n", name)
                                  : fmt::format("{} is already removed.\n", name));
        } else if (!undo.to.original) {
            print(fmt::format("{} was changed since: only Hearth's settings are removed.\n", name));
        }
        print_diff(diff_of(undo.path, undo.file.text, undo.to.there ? undo.to.text : std::string()));
        for (const auto& left : undo.to.left) print(fmt::format("{} was changed since and is kept.\n", left));
    }
}

void print_json(const Tool& tool, const std::vector<Undo>& files, bool done) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().member("tool", tool.name).member("undone", done).key("files").begin_array();
    for (const auto& undo : files) {
        writer.begin_object().member("path", undo.path.string()).member("original", undo.to.original);
        writer.member("removed", !undo.to.there).member("refused", undo.refused).key("left").begin_array();
        for (const auto& left : undo.to.left) writer.string(left);
        writer.end_array().end_object();
    }
    writer.end_array().end_object();
    print(out + "\n");
}

}  // namespace hearth::cli::connect
