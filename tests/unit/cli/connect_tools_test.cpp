// Every tool: without settings, with other settings, connected twice, and undone.
#include "cli/connect/plan.h"
#include "config/tree.h"
#include "connect_rig.h"
#include "text/json.h"

namespace connect_tools_test {

using namespace connect_rig;
using namespace hearth::cli::connect;

namespace {

struct Case {
    std::string tool, file, existing;
    std::string expected;  // expected text in the file
};

// Other settings of each kind, in an unusual format.
constexpr const char* kJson =
    "{\n   \"theme\" : \"dark\",\n\n   \"list\": [ 1,2 ],\n   \"env\": { \"FOO\": \"bar\" }\n}\n";
const Case kCases[] = {
    {"claude-code", ".claude/settings.json", kJson, "\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:4327\""},
    {"claude-code", ".claude/settings.json", kJson, "\"CLAUDE_CODE_GATEWAY_HINT_HEADERS\": \"1\""},
    {"claude-code", ".claude/settings.json", kJson, "\"CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY\": \"1\""},
    {"codex", ".codex/config.toml", "# mine\nsandbox_mode = \"read-only\"\n\n[tools]\nweb_search = true\n",
     "[model_providers.hearth]\nname = \"Hearth\"\nbase_url = \"http://127.0.0.1:4327/v1\"\nwire_api = "
     "\"responses\"\n"},
    {"opencode", ".config/opencode/opencode.json", kJson, "\"baseURL\": \"http://127.0.0.1:4327/v1\""},
    {"continue", ".continue/config.yaml",
     "name: Mine\nversion: 0.0.1\nschema: v1\nmodels: # mine\n    - name: A\n      provider: ollama\nrules: "
     "[]\n",
     "- name: \"Hearth auto\"\n"},
    {"cline", ".cline/data/settings/providers.json",
     "{\"version\": 1, \"modes\": {}, \"providers\": {\"anthropic\": {\"settings\": {}}}}",
     "\"baseUrl\": \"http://127.0.0.1:4327/v1\""},
    {"vscode", ".config/Code/User/chatLanguageModels.json",
     "[\n\t{ \"name\": \"Other\", \"vendor\": \"ollama\" }\n]",
     "\"url\": \"http://127.0.0.1:4327/v1/chat/completions\""},
    {"gemini", ".gemini/settings.json", kJson, "\"selectedType\": \"gemini-api-key\""},
    {"gemini", ".gemini/.env", "OTHER=1", "GOOGLE_GEMINI_BASE_URL=\"http://127.0.0.1:4327\"\n"},
    {"qwen", ".qwen/settings.json", kJson, "\"baseUrl\": \"http://127.0.0.1:4327/v1\""},
    {"zed", ".config/zed/settings.json", kJson, "\"api_url\": \"http://127.0.0.1:4327/v1\""},
    {"aider", ".aider.conf.yml", "dark-mode: true\nread: [A.md]\n",
     "\nopenai-api-base: http://127.0.0.1:4327/v1\n"},
    {"llama-vscode", ".config/Code/User/settings.json", kJson,
     "\"llama-vscode.endpoint\": \"http://127.0.0.1:4327\""},
};

// The existing lines are kept, in order.
bool contains_lines(const std::string& text, const std::string& lines) {
    std::size_t at = 0;
    for (std::size_t from = 0; from < lines.size();) {
        const auto end = std::min(lines.find('\n', from), lines.size());
        auto line = lines.substr(from, end - from);
        while (line.ends_with('}') || line.ends_with(']') || line.ends_with(' ')) line.pop_back();
        at = text.find(line, at);
        if (at == std::string::npos) return false;
        at += line.size();
        from = end + 1;
    }
    return true;
}

void check_readable(const std::string& file, const std::string& text) {
    if (file.ends_with(".json")) {
        json::Document document;
        CHECK(document.parse(text).has_value());
    }
    if (file.ends_with(".toml")) {
        config::Node tree;
        config::Diagnostic error;
        CHECK(config::parse_toml(text, file, tree, error));
    }
}

}  // namespace

TEST_CASE("connect: a tool without settings gets a new file, which undo removes") {
    for (const auto& one : kCases) {
        CAPTURE(one.file);
        Shell shell;
        const User user;
        REQUIRE(shell.run({"connect", one.tool, "--yes"}) == 0);
        CHECK(user.text(one.file).find(one.expected) != std::string::npos);
        check_readable(one.file, user.text(one.file));
        CHECK(user.mode(one.file) == 0600);
        CHECK(shell.out.find("Written: ~/") != std::string::npos);
        CHECK(shell.run({"connect", one.tool, "--undo", "--yes"}) == 0);
        CHECK(!user.has(one.file));
        CHECK(!std::filesystem::exists(shell.home().root / "connect" / one.tool));
    }
}

TEST_CASE("connect: other settings keep their bytes, a second run changes nothing, undo restores the file") {
    for (const auto& one : kCases) {
        CAPTURE(one.file);
        Shell shell;
        const User user;
        user.put(one.file, one.existing, 0640);
        REQUIRE(shell.run({"connect", one.tool, "--yes"}) == 0);
        const auto written = user.text(one.file);
        CHECK(written.find(one.expected) != std::string::npos);
        CHECK(contains_lines(written, one.existing));
        check_readable(one.file, written);
        CHECK(user.mode(one.file) == 0640);

        REQUIRE(shell.run({"connect", one.tool, "--yes"}) == 0);
        CHECK(user.text(one.file) == written);
        CHECK(shell.out.find("is already up to date") != std::string::npos);
        CHECK(shell.out.find("Written") == std::string::npos);

        CHECK(shell.run({"connect", one.tool, "--undo", "--yes"}) == 0);
        CHECK(user.text(one.file) == one.existing);
        CHECK(user.mode(one.file) == 0640);
    }
}

TEST_CASE("connect: models are set in the tool's own settings") {
    Shell shell;
    const User user;
    for (const auto* tool : {"claude-code", "codex", "opencode", "gemini", "qwen", "zed", "aider", "cline"})
        REQUIRE(shell.run({"connect", tool, "--yes", "-m", "big", "--fast-model", "tiny", "--context",
                           "65536"}) == 0);
    const auto claude = user.text(".claude/settings.json");
    for (const auto* line :
         {"\"ANTHROPIC_MODEL\": \"big\"", "\"ANTHROPIC_DEFAULT_OPUS_MODEL\": \"big\"",
          "\"ANTHROPIC_DEFAULT_SONNET_MODEL\": \"big\"", "\"ANTHROPIC_DEFAULT_HAIKU_MODEL\": \"tiny\"",
          "\"ANTHROPIC_SMALL_FAST_MODEL\": \"tiny\"", "\"CLAUDE_CODE_MAX_CONTEXT_TOKENS\": \"65536\""})
        CHECK(claude.find(line) != std::string::npos);
    const auto profile = user.text(".codex/hearth.config.toml");
    CHECK(profile.find("model = \"big\"\nmodel_provider = \"hearth\"\nmodel_context_window = 65536\n") !=
          std::string::npos);
    const auto opencode = user.text(".config/opencode/opencode.json");
    CHECK(opencode.find("\"model\": \"hearth/big\"") != std::string::npos);
    CHECK(opencode.find("\"small_model\": \"hearth/tiny\"") != std::string::npos);
    CHECK(opencode.find("\"context\": 65536") != std::string::npos);
    CHECK(user.text(".gemini/settings.json").find("\"model\": {\n    \"name\": \"big\"\n  }") !=
          std::string::npos);
    CHECK(user.text(".qwen/settings.json").find("\"id\": \"tiny\"") != std::string::npos);
    CHECK(user.text(".config/zed/settings.json").find("\"default_model\"") != std::string::npos);
    CHECK(user.text(".aider.conf.yml").find("model: \"openai/big\"\nweak-model: \"openai/tiny\"\n") !=
          std::string::npos);
    CHECK(user.text(".cline/data/settings/providers.json").find("\"model\": \"big\"") != std::string::npos);

    // Other models in a second run: nothing of the first remains.
    REQUIRE(shell.run({"connect", "claude-code", "--yes"}) == 0);
    CHECK(user.text(".claude/settings.json").find("ANTHROPIC_MODEL") == std::string::npos);
    CHECK(shell.out.find("claude-hearth-NAME") != std::string::npos);
}

TEST_CASE("connect: a key is written for the tool and redacted in the output") {
    Shell shell;
    const User user;
    const std::string key = "hk_0123456789abcdefghij";
    for (const auto& one : kCases) {
        CAPTURE(one.tool);
        REQUIRE(shell.run({"connect", one.tool, "--yes", "--key", key}) == 0);
        CHECK(shell.out.find(key) == std::string::npos);
    }
    for (const auto* file :
         {".claude/settings.json", ".config/opencode/opencode.json", ".continue/config.yaml", ".gemini/.env",
          ".qwen/settings.json", ".aider.conf.yml", ".config/Code/User/settings.json"})
        CHECK(user.text(file).find(key) != std::string::npos);
    // Codex and Zed read it from the environment.
    CHECK(user.text(".codex/config.toml").find("env_key = \"HEARTH_API_KEY\"") != std::string::npos);
    CHECK(user.text(".codex/config.toml").find(key) == std::string::npos);
    CHECK(user.text(".config/zed/settings.json").find(key) == std::string::npos);
}

TEST_CASE("connect: the tools' environment variables locate their settings") {
    Shell shell;
    const User user;
    ::setenv("CODEX_HOME", (user.home / "cx").c_str(), 1);
    ::setenv("CLAUDE_CONFIG_DIR", (user.home / "cc").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (user.home / "xdg").c_str(), 1);
    for (const auto* tool : {"codex", "claude-code", "opencode", "zed"})
        REQUIRE(shell.run({"connect", tool, "--yes"}) == 0);
    ::unsetenv("CODEX_HOME");
    ::unsetenv("CLAUDE_CONFIG_DIR");
    ::unsetenv("XDG_CONFIG_HOME");
    for (const auto* file :
         {"cx/config.toml", "cc/settings.json", "xdg/opencode/opencode.json", "xdg/zed/settings.json"})
        CHECK(user.has(file));
}

TEST_CASE("connect: manual steps are listed completely") {
    Shell shell;
    const User user;
    REQUIRE(shell.run({"connect", "jetbrains"}) == 0);
    CHECK(shell.out.find("URL: http://127.0.0.1:4327/v1") != std::string::npos);
    REQUIRE(shell.run({"connect", "cursor"}) == 0);
    CHECK(shell.out.find("Cursor's servers make the request") != std::string::npos);
    CHECK(shell.out.find("Agent mode and Tab stay with Cursor") != std::string::npos);
    REQUIRE(shell.run({"connect", "open-webui"}) == 0);
    CHECK(shell.out.find("Admin Panel > Settings > Connections") != std::string::npos);
    REQUIRE(shell.run({"connect", "copilot-cli"}) == 0);
    CHECK(shell.out.find("export COPILOT_PROVIDER_BASE_URL='http://127.0.0.1:4327/v1'") != std::string::npos);
    CHECK(std::filesystem::is_empty(user.home));
}

}  // namespace connect_tools_test
