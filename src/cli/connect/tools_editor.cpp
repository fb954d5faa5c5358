// Editors and desktop programs. Settings that are stored only inside the program become manual steps.
#include <fmt/format.h>

#include <algorithm>

#include "cli/connect/plan.h"

namespace hearth::cli::connect {

namespace {

// The user settings folder of VS Code or a variant: the first that exists, else VS Code's.
std::filesystem::path vscode_folder(const Target& target) {
    std::error_code error;
    for (const auto* name : {"Code", "Code - Insiders", "VSCodium"}) {
        const auto folder = config_home(target) / name / "User";
        if (std::filesystem::is_directory(folder, error)) return folder;
    }
    return config_home(target) / "Code" / "User";
}

}  // namespace

// https://code.visualstudio.com/docs/agent-customization/language-models (Custom Endpoint, 1.122 and newer)
Result<Plan> plan_vscode(const Target& target, const Base&) {
    Plan plan;
    FileChange file;
    file.path = vscode_folder(target) / "chatLanguageModels.json";
    file.empty = "[]\n";
    std::string models;
    for (const auto& model : target.models()) {
        models += fmt::format(
            R"({}{{"id":{},"name":{},"url":{},"toolCalling":true,"vision":false,"maxInputTokens":{},)"
            R"("maxOutputTokens":{}}})",
            models.empty() ? "" : ",", json_text(model), json_text("Hearth " + model),
            json_text(target.v1() + "/chat/completions"), target.window() - target.longest_answer(),
            target.longest_answer());
    }
    file.settings.push_back(
        {{{"Hearth", "name"}},
         fmt::format(
             R"({{"name":"Hearth","vendor":"customendpoint","apiKey":{},"apiType":"chat-completions",)"
             R"("models":[{}]}})",
             json_text(target.key_or_any()), models)});
    plan.files.push_back(std::move(file));
    if (!target.key.empty()) {
        plan.notes.emplace_back(
            "The key is stored in that file in plain text: in Chat: Manage Language Models you can have VS "
            "Code keep "
            "it.");
    }
    plan.notes.emplace_back(
        "Choose a model called \"Hearth ...\" in the chat's model list; restart VS Code if none appears.");
    plan.notes.emplace_back(
        "Or without this file: Chat: Manage Language Models > Add > Ollama, and Hearth's address: "
        "it lists every model automatically.");
    return plan;
}

// https://github.com/ggml-org/llama.vscode (package.json)
Result<Plan> plan_llama_vscode(const Target& target, const Base&) {
    Plan plan;
    FileChange file;
    file.path = vscode_folder(target) / "settings.json";
    const auto add = [&](std::string_view name, const std::string& value) {
        file.settings.push_back({{{fmt::format("llama-vscode.{}", name)}}, json_text(value)});
    };
    for (const auto* name : {"endpoint", "endpoint_chat", "endpoint_tools", "endpoint_embeddings"})
        add(name, target.origin);
    add("ai_model", target.main());
    if (!target.key.empty()) {
        for (const auto* name : {"api_key", "api_key_chat", "api_key_tools", "api_key_embeddings"})
            add(name, target.key);
    }
    plan.files.push_back(std::move(file));
    plan.notes.emplace_back(
        "If models are selected in the llama-vscode view, deselect them: they override these settings.");
    return plan;
}

// https://zed.dev/docs/ai/use-api-access
Result<Plan> plan_zed(const Target& target, const Base&) {
    Plan plan;
    FileChange file;
    file.path = config_home(target) / "zed" / "settings.json";
    std::string models;
    for (const auto& model : target.models()) {
        models += fmt::format(R"({}{{"name":{},"display_name":{},"max_tokens":{},"max_output_tokens":{},)"
                              R"("capabilities":{{"tools":true,"images":false,"parallel_tool_calls":true,)"
                              R"("prompt_cache_key":false}}}})",
                              models.empty() ? "" : ",", json_text(model), json_text("Hearth " + model),
                              target.window(), target.longest_answer());
    }
    file.settings.push_back(
        {{{"language_models"}, {"openai_compatible"}, {"Hearth"}},
         fmt::format(R"({{"api_url":{},"available_models":[{}]}})", json_text(target.v1()), models)});
    if (!target.model.empty()) {
        file.settings.push_back(
            {{{"agent"}, {"default_model"}},
             fmt::format(R"({{"provider":"Hearth","model":{}}})", json_text(target.model))});
    }
    plan.files.push_back(std::move(file));
    plan.variables.emplace_back("HEARTH_API_KEY", target.key_or_any());
    plan.notes.push_back(
        fmt::format("Zed needs a key for the provider: export HEARTH_API_KEY={} where Zed starts, or enter "
                    "it in Agent Settings > "
                    "LLM Providers > Hearth.",
                    target.key.empty() ? "hearth" : "..."));
    return plan;
}

// https://www.jetbrains.com/help/ai-assistant/use-custom-models.html
Result<Plan> plan_jetbrains(const Target& target, const Base&) {
    Plan plan;
    plan.steps = {
        "Open Settings | Tools | AI Assistant | Providers & API keys (older versions: Models & API keys).",
        "Under Third-party AI providers choose OpenAI-compatible.",
        fmt::format("URL: {}", target.v1()),
        fmt::format("API key: {}", target.key.empty() ? "hearth (any text)" : "the one you have just named"),
        "Leave tool calling (MCP) on, press Test Connection, then Apply.",
        fmt::format(
            "In AI Chat choose the model {}, and give it to the features below it (Models Assignment) too.",
            target.main()),
    };
    plan.notes.push_back(fmt::format(
        "Ollama as the provider with URL {} works as well and lists every model.", target.origin));
    plan.notes.emplace_back("To undo, remove the provider in the same place.");
    return plan;
}

// https://docs.openwebui.com/getting-started/env-configuration
Result<Plan> plan_open_webui(const Target& target, const Base&) {
    Plan plan;
    plan.variables = {{"OPENAI_API_BASE_URL", target.v1()}, {"OPENAI_API_KEY", target.key_or_any()}};
    plan.steps = {
        "An Open WebUI that has run before: Admin Panel > Settings > Connections > OpenAI API > Add "
        "Connection.",
        fmt::format("URL: {}", target.v1()),
        fmt::format("Key: {}", target.key.empty() ? "hearth (any text)" : "the one you have just named"),
        "A new installation reads the variables below at its first start only.",
        "In a container, 127.0.0.1 is the container itself: run it with --network=host, or let Hearth listen "
        "on an "
        "address "
        "that the container can reach ([server] listen and allowed_hosts in hearth.toml, and a key).",
    };
    plan.notes.emplace_back("To undo, remove the connection in the same place.");
    return plan;
}

// https://docs.merge.dev, https://ngrok.com/docs: the request comes from Cursor's servers.
Result<Plan> plan_cursor(const Target& target, const Base&) {
    Plan plan;
    plan.steps = {
        fmt::format("Cursor's servers make the request and cannot reach {}: Hearth needs a public https "
                    "address, through a tunnel or a proxy.",
                    target.origin),
        "Before you open it: `hearth key add cursor`, [server] require_keys = true and allowed_hosts = "
        "[\"your.host\"] in hearth.toml.",
        "In Cursor: Settings > Models > API Keys, switch Override OpenAI Base URL on: https://your.host/v1",
        "OpenAI API Key: the key of the second step; press Verify.",
        fmt::format("Add a custom model called {}, and choose it in Ask or Plan.", target.main()),
    };
    plan.notes.emplace_back(
        "Your code passes through Cursor's servers. With local models, use another tool of this list to keep "
        "it "
        "on this machine.");
    return plan;
}

}  // namespace hearth::cli::connect
