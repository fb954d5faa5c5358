// Tools with TOML or YAML settings: Hearth's part is in marked lines, the rest is not changed.
#include <fmt/format.h>

#include <algorithm>

#include "cli/connect/marks.h"
#include "cli/connect/plan.h"
#include "config/tree.h"

namespace hearth::cli::connect {

namespace {

// The keys that select a model in Codex.
constexpr std::string_view kChoice[] = {"model", "model_provider", "model_context_window"};

const config::Node::Member* member(const config::Node& table, std::string_view key) {
    const auto found = std::ranges::find(table.members, key, &config::Node::Member::key);
    return found == table.members.end() ? nullptr : &*found;
}

Result<config::Node> read_toml(const std::filesystem::path& path, std::string_view text) {
    config::Node tree;
    config::Diagnostic error;
    if (config::parse_toml(text, path.filename().string(), tree, error)) return tree;
    return fail(Code::conflict,
                fmt::format("{} is not valid TOML (line {}, column {}: {}). Codex cannot read it either: "
                            "fix it first.",
                            path.string(), error.line, error.column, error.message));
}

// The text after `key` at the beginning of a line, quoted or not; nullopt: no such key.
std::optional<std::string_view> behind_key(std::string_view line, std::string_view key) {
    const bool quoted = line.starts_with('"') || line.starts_with('\'');
    const char quote = quoted ? line.front() : '\0';
    if (quoted) line.remove_prefix(1);
    if (!line.starts_with(key)) return std::nullopt;
    line.remove_prefix(key.size());
    if (quoted) {
        if (!line.starts_with(quote)) return std::nullopt;
        line.remove_prefix(1);
    }
    const auto next = line.find_first_not_of(" \t");
    return next == std::string_view::npos ? std::string_view{} : line.substr(next);
}

// A list under a top-level key in the usual form: `key:` alone in its line, then lines that begin with "- ".
struct List {
    bool there = false;
    std::size_t at = 0;  // where its items begin
    std::string indent;
    std::string other;  // not empty: it has another form, with its position
};
List find_list(std::string_view text, std::string_view key) {
    const auto lines = lines_of(text);
    const auto is_head = [&](const Line& line) {
        const auto rest = behind_key(line.text, key);
        return rest && rest->starts_with(':');
    };
    const auto head = std::ranges::find_if(lines, is_head);
    if (head == lines.end()) return {};
    const auto other = [&](std::size_t number) {
        return List{
            .there = true,
            .other = fmt::format("{} in line {} is not a list of lines that begin with \"- \"", key, number)};
    };
    const auto rest = behind_key(head->text, key)->substr(1);
    const auto first = rest.find_first_not_of(" \t");
    if (first != std::string_view::npos && rest[first] != '#') return other(head->number);
    for (auto line = head + 1; line != lines.end(); ++line) {
        const auto begin = line->text.find_first_not_of(' ');
        if (begin == std::string_view::npos || line->text[begin] == '#') continue;
        const auto item = line->text.substr(begin);
        if (item != "-" && !item.starts_with("- ")) return other(line->number);
        return {.there = true, .at = head->end, .indent = std::string(begin, ' '), .other = {}};
    }
    return other(head->number);
}

// Several documents in one YAML file: ambiguous.
Result<void> one_document(std::string_view text, const std::filesystem::path& path) {
    bool content = false;
    for (const auto& line : lines_of(text)) {
        const auto begin = line.text.find_first_not_of(" \t");
        const bool next = line.text.starts_with("---");
        if (line.text == "..." || (next && content)) {
            return fail(Code::conflict,
                        fmt::format("{}, line {}: the file has more than one document, so it is "
                                    "ambiguous which one applies.",
                                    path.string(), line.number));
        }
        content = content || (begin != std::string_view::npos && line.text[begin] != '#');
    }
    return {};
}

}  // namespace

Result<void> no_such_line(std::string_view text, const std::filesystem::path& path,
                          const std::vector<std::string_view>& keys, std::string_view sign) {
    for (const auto& line : lines_of(text)) {
        auto rest = line.text;
        if (rest.starts_with("export ")) rest.remove_prefix(7);
        for (const auto key : keys) {
            const auto behind = behind_key(rest, key);
            if (!behind || !behind->starts_with(sign)) continue;
            return fail(
                Code::conflict,
                fmt::format("{}, line {}, sets {} already. Remove that line or put a # before it, then run "
                            "the command again.",
                            path.string(), line.number, key));
        }
    }
    return {};
}

// https://developers.openai.com/codex/config-reference; profiles are files of their own since 0.134.
Result<Plan> plan_codex(const Target& target, const Base& base) {
    Plan plan;
    const auto folder = folder_of(target, "CODEX_HOME", user_home(target) / ".codex");
    FileChange config{.kind = FileChange::Kind::toml, .path = folder / "config.toml"};
    const auto text = base(config.path);
    if (!text) return fail(text.error());
    const auto tree = read_toml(config.path, *text);
    if (!tree) return fail(tree.error());
    if (const auto* all = member(*tree, "model_providers")) {
        if (const auto* hearth_provider = member(all->value, "hearth")) {
            return fail(Code::conflict,
                        fmt::format("{}, line {}, has a provider \"hearth\" of its own. Remove it, "
                                    "then run the command again.",
                                    config.path.string(), hearth_provider->at.line));
        }
    }
    const auto choice = fmt::format(
        "model = {}\nmodel_provider = \"hearth\"\n{}", json_text(target.main()),
        target.context > 0 ? fmt::format("model_context_window = {}\n", target.context) : std::string());
    // Top-level keys must precede the first table; tables may be anywhere.
    const bool own_choice =
        std::ranges::any_of(kChoice, [&](std::string_view key) { return member(*tree, key) != nullptr; });
    const bool fresh = text->empty();  // then one block has both
    if (!own_choice && !fresh) config.blocks.push_back({written_by("codex") + choice, 0});
    auto provider =
        fmt::format("[model_providers.hearth]\nname = \"Hearth\"\nbase_url = {}\nwire_api = \"responses\"\n",
                    json_text(target.v1()));
    if (!target.key.empty()) provider += "env_key = \"HEARTH_API_KEY\"\n";
    config.blocks.push_back({written_by("codex") + (fresh ? choice + "\n" : "") + provider, text->size()});
    plan.files.push_back(std::move(config));

    FileChange profile{.kind = FileChange::Kind::toml, .path = folder / "hearth.config.toml"};
    const auto there = base(profile.path);
    if (!there) return fail(there.error());
    if (auto free = no_such_line(*there, profile.path, {std::begin(kChoice), std::end(kChoice)}, "="); !free)
        return fail(std::move(free.error()));
    profile.blocks.push_back({written_by("codex") + choice, 0});
    plan.files.push_back(std::move(profile));

    plan.notes.push_back(
        own_choice ? fmt::format("Your {} sets a model already, which plain `codex` keeps using. "
                                 "`codex --profile hearth` uses Hearth.",
                                 (folder / "config.toml").string())
                   : "Plain `codex` uses Hearth now; `codex --profile hearth` does so regardless of "
                     "config.toml.");
    if (!target.key.empty())
        plan.notes.emplace_back(
            "Codex reads the key from the environment: export HEARTH_API_KEY=... in the shell.");
    return plan;
}

// https://docs.continue.dev/reference
Result<Plan> plan_continue(const Target& target, const Base& base) {
    Plan plan;
    FileChange file{
        .kind = FileChange::Kind::lines,
        .path = folder_of(target, "CONTINUE_GLOBAL_DIR", user_home(target) / ".continue") / "config.yaml"};
    const auto text = base(file.path);
    if (!text) return fail(text.error());
    if (auto one = one_document(*text, file.path); !one) return fail(std::move(one.error()));
    const auto list = find_list(*text, "models");
    const bool among_others = list.there && list.other.empty();
    const auto indent = among_others ? list.indent : std::string("  ");
    std::string items;
    const auto add = [&](std::string_view name, std::string_view provider, std::string_view model,
                         const std::string& url, std::string_view roles) {
        items += fmt::format(
            "{0}- name: {1}\n{0}  provider: {2}\n{0}  model: {3}\n{0}  apiBase: {4}\n{0}  apiKey: {5}\n"
            "{0}  roles: [{6}]\n",
            indent, json_text(name), provider, json_text(model), url, json_text(target.key_or_any()), roles);
    };
    for (const auto& model : target.models())
        add(fmt::format("Hearth {}", model), "openai", model, target.v1(), "chat, edit, apply");
    add("Hearth completion", "ollama", target.fast(), target.origin, "autocomplete");
    auto lines = written_by("continue");
    file.by_hand = list.other;
    if (among_others) {
        file.blocks.push_back({lines + items, list.at});
    } else {
        const bool fresh = text->find_first_not_of(" \t\r\n") == std::string::npos;
        if (fresh) lines += "name: Local\nversion: 1.0.0\nschema: v1\n";
        file.blocks.push_back({lines + "models:\n" + items, text->size()});
    }
    plan.files.push_back(std::move(file));
    plan.notes.emplace_back("Choose a model called \"Hearth ...\" in Continue's model list.");
    return plan;
}

// https://aider.chat/docs/config/aider_conf.html, https://aider.chat/docs/llms/openai-compat.html
Result<Plan> plan_aider(const Target& target, const Base& base) {
    Plan plan;
    FileChange file{.kind = FileChange::Kind::lines, .path = user_home(target) / ".aider.conf.yml"};
    const auto text = base(file.path);
    if (!text) return fail(text.error());
    if (auto one = one_document(*text, file.path); !one) return fail(std::move(one.error()));
    if (auto free =
            no_such_line(*text, file.path, {"openai-api-base", "openai-api-key", "model", "weak-model"}, ":");
        !free)
        return fail(std::move(free.error()));
    const auto main = "openai/" + target.main(),
               fast = "openai/" + target.fast();  // LiteLLM's prefix for the API
    file.blocks.push_back(
        {fmt::format("{}openai-api-base: {}\nopenai-api-key: {}\nmodel: {}\nweak-model: {}\n",
                     written_by("aider"), target.v1(), json_text(target.key_or_any()), json_text(main),
                     json_text(fast)),
         text->size()});
    plan.files.push_back(std::move(file));
    plan.variables = {{"OPENAI_API_BASE", target.v1()},
                      {"OPENAI_API_KEY", target.key_or_any()},
                      {"AIDER_MODEL", main},
                      {"AIDER_WEAK_MODEL", fast}};
    plan.notes.emplace_back("Aider warns about the unknown model; --no-show-model-warnings disables that.");
    plan.notes.emplace_back("A .aider.conf.yml in a project overrides this one.");
    return plan;
}

}  // namespace hearth::cli::connect
