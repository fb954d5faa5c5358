// Tools of the terminal whose settings are JSON or variables. Verified with the versions listed in
// docs/connect.md.
#include <fmt/format.h>

#include "cli/connect/marks.h"
#include "cli/connect/plan.h"
#include "text/json_writer.h"

namespace hearth::cli::connect {

namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

FileChange json_file(std::filesystem::path path) {
    FileChange change;
    change.path = std::move(path);
    return change;
}

void add(FileChange& change, Place place, std::string_view text) {
    change.settings.push_back({std::move(place), json_text(text)});
}

Variables claude_variables(const Target& target) {
    Variables out = {{"ANTHROPIC_BASE_URL", target.origin},  // it adds /v1/messages itself
                     {"ANTHROPIC_AUTH_TOKEN", target.key_or_any()},
                     {"CLAUDE_CODE_GATEWAY_HINT_HEADERS", "1"},  // sends main, subagent, auxiliary, ...
                     {"CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1"}};
    if (!target.model.empty()) {
        for (const auto* name :
             {"ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL"})
            out.emplace_back(name, target.model);
    }
    if (!target.model.empty() || !target.fast_model.empty()) {
        for (const auto* name : {"ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"})
            out.emplace_back(name, target.fast());
    }
    // For unknown models it assumes a context of 1 M tokens.
    if (!target.model.empty() && target.context > 0)
        out.emplace_back("CLAUDE_CODE_MAX_CONTEXT_TOKENS", fmt::format("{}", target.context));
    return out;
}

}  // namespace

// https://code.claude.com/docs/en/settings, .../llm-gateway-protocol
Result<Plan> plan_claude_code(const Target& target, const Base&) {
    Plan plan;
    plan.variables = claude_variables(target);
    auto file =
        json_file(folder_of(target, "CLAUDE_CONFIG_DIR", user_home(target) / ".claude") / "settings.json");
    for (const auto& [name, value] : plan.variables) add(file, {{"env"}, {name}}, value);
    plan.files.push_back(std::move(file));
    plan.notes.emplace_back("Open sessions keep their old settings: restart `claude`.");
    if (target.model.empty()) {
        plan.notes.emplace_back(
            "Claude Code still requests Anthropic's models by name. For a local one: "
            "`hearth connect claude-code --model local`, or /model in a session, where Hearth's models are "
            "called "
            "claude-hearth-NAME.");
    } else if (target.context == 0) {
        plan.notes.push_back(
            fmt::format("Claude Code assumes a context of 1 M tokens for {} and will not compact in time if "
                        "it is smaller: use "
                        "--context N.",
                        target.model));
    }
    if (target.env.get("ANTHROPIC_API_KEY"))
        plan.notes.emplace_back(
            "ANTHROPIC_API_KEY is set in your shell and would be sent as well: unset it for claude.");
    return plan;
}

// https://geminicli.com/docs/get-started/authentication, .../reference/configuration
Result<Plan> plan_gemini(const Target& target, const Base& base) {
    Plan plan;
    plan.variables = {{"GEMINI_API_KEY", target.key_or_any()}, {"GOOGLE_GEMINI_BASE_URL", target.origin}};
    const auto folder = folder_of(target, "GEMINI_CLI_HOME", user_home(target)) / ".gemini";
    auto settings = json_file(folder / "settings.json");
    add(settings, {{"security"}, {"auth"}, {"selectedType"}}, "gemini-api-key");
    if (!target.model.empty()) add(settings, {{"model"}, {"name"}}, target.model);
    plan.files.push_back(std::move(settings));

    FileChange env{.kind = FileChange::Kind::lines, .path = folder / ".env"};
    const auto now = base(env.path);
    if (!now) return fail(now.error());
    if (auto free = no_such_line(*now, env.path, {"GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"}, "="); !free)
        return fail(std::move(free.error()));
    auto lines = written_by("gemini");
    for (const auto& [name, value] : plan.variables) lines += fmt::format("{}={}\n", name, json_text(value));
    env.blocks.push_back({std::move(lines), now->size()});
    plan.files.push_back(std::move(env));
    if (!target.model.empty()) plan.variables.emplace_back("GEMINI_MODEL", target.model);
    plan.notes.emplace_back(
        "A .env file in a project, or the same variables in your shell, override ~/.gemini/.env.");
    if (target.model.empty()) {
        plan.notes.emplace_back(
            "Gemini CLI still requests Google's models by name: --model selects another one.");
    }
    return plan;
}

// https://qwenlm.github.io/qwen-code-docs/en/users/configuration/model-providers
Result<Plan> plan_qwen(const Target& target, const Base&) {
    Plan plan;
    auto file = json_file(user_home(target) / ".qwen" / "settings.json");
    for (const auto& model : target.models()) {
        const auto name = fmt::format("Hearth {}", model);
        file.settings.push_back(
            {{{"modelProviders"}, {"openai"}, {name, "name"}},
             fmt::format(R"({{"id":{},"name":{},"baseUrl":{},"envKey":"HEARTH_API_KEY",)"
                         R"("generationConfig":{{"contextWindowSize":{}}}}})",
                         json_text(model), json_text(name), json_text(target.v1()), target.window())});
    }
    add(file, {{"env"}, {"HEARTH_API_KEY"}}, target.key_or_any());
    add(file, {{"security"}, {"auth"}, {"selectedType"}}, "openai");
    add(file, {{"model"}, {"name"}}, target.main());
    plan.files.push_back(std::move(file));
    plan.variables = {{"OPENAI_BASE_URL", target.v1()},
                      {"OPENAI_API_KEY", target.key_or_any()},
                      {"OPENAI_MODEL", target.main()}};
    plan.notes.emplace_back("/model in a session switches between Hearth's models and your others.");
    return plan;
}

// https://opencode.ai/docs/config, https://opencode.ai/docs/providers
Result<Plan> plan_opencode(const Target& target, const Base&) {
    Plan plan;
    const auto folder = config_home(target) / "opencode";
    std::error_code error;
    const bool jsonc = !std::filesystem::exists(folder / "opencode.json", error) &&
                       std::filesystem::exists(folder / "opencode.jsonc", error);
    auto file = json_file(folder / (jsonc ? "opencode.jsonc" : "opencode.json"));
    std::string provider;
    json::Writer writer(provider);
    writer.begin_object().member("npm", "@ai-sdk/openai-compatible").member("name", "Hearth");
    writer.key("options").begin_object().member("baseURL", target.v1()).member("apiKey", target.key_or_any());
    writer.end_object().key("models").begin_object();
    for (const auto& model : target.models()) {
        writer.key(model).begin_object().member("name", model).key("limit").begin_object();
        writer.member("context", target.window()).member("output", target.longest_answer());
        writer.end_object().end_object();
    }
    writer.end_object().end_object();
    const auto main = "hearth/" + target.main(), fast = "hearth/" + target.fast();
    file.settings.push_back({{{"provider"}, {"hearth"}}, provider});
    add(file, {{"model"}}, main);
    add(file, {{"small_model"}}, fast);
    plan.files.push_back(std::move(file));
    plan.variables.emplace_back("OPENCODE_CONFIG_CONTENT",
                                fmt::format(R"({{"provider":{{"hearth":{}}},"model":{},"small_model":{}}})",
                                            provider, json_text(main), json_text(fast)));
    plan.notes.emplace_back("An opencode.json in a project overrides this one.");
    return plan;
}

// @cline/shared 0.0.86 (settings/providers.json of Cline CLI 3)
Result<Plan> plan_cline(const Target& target, const Base&) {
    Plan plan;
    const auto folder = folder_of(target, "CLINE_DATA_DIR",
                                  folder_of(target, "CLINE_DIR", user_home(target) / ".cline") / "data");
    auto file =
        json_file(folder_of(target, "CLINE_PROVIDER_SETTINGS_PATH", folder / "settings" / "providers.json"));
    const std::string id = "openai-compatible";
    file.settings = {
        {{{"version"}}, "1", true},
        {{{"lastUsedProvider"}}, json_text(id)},
        {{{"modes"}}, "{}", true},
        {{{"providers"}, {id}, {"settings"}},
         fmt::format(R"({{"provider":"{}","apiKey":{},"model":{},"baseUrl":{},"contextWindow":{}}})", id,
                     json_text(target.key_or_any()), json_text(target.main()), json_text(target.v1()),
                     target.window())},
        {{{"providers"}, {id}, {"updatedAt"}}, R"("2026-01-01T00:00:00.000Z")", true},
        {{{"providers"}, {id}, {"tokenSource"}}, R"("manual")", true},
    };
    plan.files.push_back(std::move(file));
    plan.notes.push_back(fmt::format(
        "If the extension in VS Code still asks for a provider: OpenAI Compatible, base URL {}, any key, "
        "model {}.",
        target.v1(), target.main()));
    return plan;
}

// https://docs.github.com/en/copilot/how-tos/copilot-cli (own model provider), measured with 1.0.102
Result<Plan> plan_copilot_cli(const Target& target, const Base&) {
    Plan plan;
    plan.variables = {{"COPILOT_PROVIDER_BASE_URL", target.v1()},
                      {"COPILOT_PROVIDER_TYPE", "openai"},
                      {"COPILOT_PROVIDER_WIRE_API", "completions"},
                      {"COPILOT_PROVIDER_API_KEY", target.key_or_any()},
                      {"COPILOT_MODEL", target.main()},
                      {"COPILOT_OFFLINE", "true"}};  // otherwise it requires signing in to GitHub
    if (target.context > 0)
        plan.variables.emplace_back("COPILOT_PROVIDER_MAX_PROMPT_TOKENS",
                                    fmt::format("{}", target.context - target.longest_answer()));
    plan.notes.emplace_back(
        "COPILOT_OFFLINE disables its access to GitHub: omit it if you need the GitHub tools.");
    return plan;
}

}  // namespace hearth::cli::connect
