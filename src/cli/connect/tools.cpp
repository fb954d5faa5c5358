// The table of tools and the common parts of their plans.
#include <algorithm>
#include <array>

#include "cli/connect/plan.h"
#include "text/json_writer.h"

namespace hearth::cli::connect {

std::span<const Tool> tools() {
    static constexpr std::array<Tool, 15> kAll = {{
        {"claude-code", "Claude Code", "Anthropic Messages",
         "Its web search is done by Anthropic's servers: other models do not have it.", plan_claude_code},
        {"codex", "Codex", "OpenAI Responses", "Codex cloud tasks and ChatGPT sign-in stay with OpenAI.",
         plan_codex},
        {"opencode", "opencode", "OpenAI chat", "", plan_opencode},
        {"continue", "Continue", "OpenAI chat, Ollama", "Models from Continue's hub stay with the hub.",
         plan_continue},
        {"cline", "Cline", "OpenAI chat", "", plan_cline},
        {"copilot-cli", "GitHub Copilot CLI", "OpenAI chat",
         "It reads these from the environment only: to set them permanently, add them to your shell's "
         "start-up file.",
         plan_copilot_cli},
        {"vscode", "VS Code chat", "OpenAI chat",
         "Inline suggestions stay with Copilot: `hearth connect llama-vscode` completes while you type.",
         plan_vscode},
        {"gemini", "Gemini CLI", "Gemini", "Signing in with Google stays with Google.", plan_gemini},
        {"qwen", "Qwen Code", "OpenAI chat", "", plan_qwen},
        {"zed", "Zed", "OpenAI chat", "Edit predictions and Zed's hosted models stay with Zed.", plan_zed},
        {"jetbrains", "JetBrains AI Assistant", "OpenAI chat",
         "Some features use JetBrains' own service; Hearth cannot distinguish its requests from others.",
         plan_jetbrains},
        {"aider", "Aider", "OpenAI chat", "", plan_aider},
        {"open-webui", "Open WebUI", "OpenAI chat", "", plan_open_webui},
        {"llama-vscode", "llama.vscode", "llama.cpp /infill", "", plan_llama_vscode},
        {"cursor", "Cursor", "OpenAI chat",
         "Agent mode and Tab stay with Cursor, and all requests pass through Cursor's servers.", plan_cursor},
    }};
    return kAll;
}

const Tool* find_tool(std::string_view name) {
    const auto all = tools();
    const auto found = std::ranges::find(all, name, &Tool::name);
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> Target::models() const {
    std::vector<std::string> names;
    for (const auto& name : {main(), fast(), std::string("auto"), std::string("local")}) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

std::filesystem::path folder_of(const Target& target, std::string_view variable,
                                const std::filesystem::path& otherwise) {
    const auto set = target.env.get(variable);
    return set ? std::filesystem::absolute(*set) : otherwise;
}

std::filesystem::path user_home(const Target& target) {
    return folder_of(target, "HOME", "/");
}

std::filesystem::path config_home(const Target& target) {
    return folder_of(target, "XDG_CONFIG_HOME", user_home(target) / ".config");
}

std::string json_text(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

}  // namespace hearth::cli::connect
