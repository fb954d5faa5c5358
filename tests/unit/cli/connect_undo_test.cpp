// Files that were changed, linked, write-protected or formatted by the user.
#include <unistd.h>

#include "cli/connect/change.h"
#include "connect_rig.h"

namespace connect_undo_test {

using namespace connect_rig;
using namespace hearth::cli::connect;

namespace {

void replace(std::string& text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("undo: after other changes only Hearth's settings are removed") {
    Shell shell;
    const User user;
    user.put(".claude/settings.json",
             "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://old.example\"\n  }\n}\n");
    REQUIRE(shell.run({"connect", "claude-code", "--yes"}) == 0);
    auto text = user.text(".claude/settings.json");
    replace(text, "{\n  \"env\"", "{\n  \"theme\": \"light\",\n  \"env\"");
    user.put(".claude/settings.json", text);
    // A second connect in between keeps the first original.
    REQUIRE(shell.run({"connect", "claude-code", "--yes", "-m", "local"}) == 0);
    REQUIRE(shell.run({"connect", "claude-code", "--undo", "--yes"}) == 0);
    CHECK(shell.out.find("was changed since: only Hearth's settings are removed") != std::string::npos);
    CHECK(user.text(".claude/settings.json") ==
          "{\n  \"theme\": \"light\",\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://old.example\"\n  "
          "}\n}\n");

    user.put(".codex/config.toml", "a = 1\n");
    REQUIRE(shell.run({"connect", "codex", "--yes"}) == 0);
    user.put(".codex/config.toml", user.text(".codex/config.toml") + "[new]\nb = 2\n");
    REQUIRE(shell.run({"connect", "codex", "--undo", "--yes"}) == 0);
    CHECK(user.text(".codex/config.toml") == "a = 1\n[new]\nb = 2\n");
    CHECK(!user.has(".codex/hearth.config.toml"));
}

TEST_CASE("undo: a file created by Hearth is kept if it has other settings") {
    Shell shell;
    const User user;
    REQUIRE(shell.run({"connect", "claude-code", "--yes"}) == 0);
    auto text = user.text(".claude/settings.json");
    replace(text, "{\n  \"env\"", "{\n  \"theme\": \"light\",\n  \"env\"");
    user.put(".claude/settings.json", text);
    REQUIRE(shell.run({"connect", "claude-code", "--undo", "--yes"}) == 0);
    CHECK(user.text(".claude/settings.json") == "{\n  \"theme\": \"light\"\n}\n");
}

TEST_CASE("undo: a file created by Hearth is removed, also if rewritten or reformatted") {
    Shell shell;
    const User user;
    REQUIRE(shell.run({"connect", "claude-code", "--yes"}) == 0);
    REQUIRE(shell.run({"connect", "claude-code", "--yes", "-m", "local"}) == 0);
    REQUIRE(shell.run({"connect", "claude-code", "--undo", "--yes"}) == 0);
    CHECK(!user.has(".claude/settings.json"));
    for (const auto& [tool, file] :
         {std::pair{"claude-code", ".claude/settings.json"}, {"aider", ".aider.conf.yml"}}) {
        REQUIRE(shell.run({"connect", tool, "--yes"}) == 0);
        user.put(file, user.text(file) + "\n\n");
        REQUIRE(shell.run({"connect", tool, "--undo", "--yes"}) == 0);
        CHECK(!user.has(file));
    }
}

TEST_CASE("undo: a setting changed since is kept; --force restores the original") {
    Shell shell;
    const User user;
    const std::string original = "{\n  \"model\": \"mine\"\n}\n";
    user.put(".config/opencode/opencode.json", original);
    REQUIRE(shell.run({"connect", "opencode", "--yes"}) == 0);
    auto text = user.text(".config/opencode/opencode.json");
    replace(text, "hearth/auto", "other/model");
    user.put(".config/opencode/opencode.json", text);
    REQUIRE(shell.run({"connect", "opencode", "--undo", "--yes"}) == 0);
    CHECK(shell.out.find("model was changed since and is kept.") != std::string::npos);
    CHECK(user.text(".config/opencode/opencode.json") == "{\n  \"model\": \"other/model\"\n}\n");
    REQUIRE(shell.run({"connect", "opencode", "--undo", "--force", "--yes"}) == 0);
    CHECK(user.text(".config/opencode/opencode.json") == original);
    CHECK(shell.run({"connect", "opencode", "--undo", "--yes"}) == 1);
    CHECK(shell.err.find("nothing to undo") != std::string::npos);
}

TEST_CASE("undo: fails if Hearth's part cannot be found") {
    Shell shell;
    const User user;
    user.put(".claude/settings.json", "{}");
    REQUIRE(shell.run({"connect", "claude-code", "--yes"}) == 0);
    const auto broken = "// a comment\n" + user.text(".claude/settings.json");
    user.put(".claude/settings.json", broken);
    CHECK(shell.run({"connect", "claude-code", "--undo", "--yes"}) == 1);
    CHECK(shell.err.find("--undo --force") != std::string::npos);
    CHECK(shell.out.find("-// a comment\n") != std::string::npos);
    CHECK(user.text(".claude/settings.json") == broken);
    CHECK(shell.run({"connect", "claude-code", "--undo", "--force", "--yes"}) == 0);
    CHECK(user.text(".claude/settings.json") == "{}");
}

TEST_CASE("connect: a symbolic link is kept and its target written") {
    Shell shell;
    const User user;
    user.put("dotfiles/claude.json", "{\"a\": 1}", 0600);
    std::filesystem::create_directories(user.home / ".claude");
    std::filesystem::create_symlink("../dotfiles/claude.json", user.home / ".claude/settings.json");
    REQUIRE(shell.run({"connect", "claude-code", "--yes"}) == 0);
    CHECK(shell.out.find("Symbolic link") != std::string::npos);
    CHECK(std::filesystem::is_symlink(user.home / ".claude/settings.json"));
    CHECK(user.text("dotfiles/claude.json").find("ANTHROPIC_BASE_URL") != std::string::npos);
    REQUIRE(shell.run({"connect", "claude-code", "--undo", "--yes"}) == 0);
    CHECK(user.text("dotfiles/claude.json") == "{\"a\": 1}");

    // A dangling link: the target is created.
    std::filesystem::create_symlink(user.home / "dotfiles/aider.yml", user.home / ".aider.conf.yml");
    REQUIRE(shell.run({"connect", "aider", "--yes"}) == 0);
    CHECK(std::filesystem::is_symlink(user.home / ".aider.conf.yml"));
    CHECK(user.has("dotfiles/aider.yml"));
}

TEST_CASE("connect: a read-only file is an error, and earlier files are restored") {
    Shell shell;
    const User user;
    user.put(".gemini/settings.json", "{\"a\": 1}");
    user.put(".gemini/.env", "OTHER=1\n", 0444);
    CHECK(shell.run({"connect", "gemini", "--yes"}) == 1);
    CHECK(shell.err.find(".gemini/.env is read-only. Run: chmod u+w") != std::string::npos);
    CHECK(user.text(".gemini/settings.json") == "{\"a\": 1}");
    CHECK(user.text(".gemini/.env") == "OTHER=1\n");
    CHECK(!std::filesystem::exists(shell.home().root / "connect/gemini"));
    for (const auto& entry : std::filesystem::directory_iterator(user.home / ".gemini"))
        CHECK(entry.path().filename().string().find("hearth-") == std::string::npos);
}

TEST_CASE("connect: JSON with comments is not edited; its part is shown instead") {
    Shell shell;
    const User user;
    const std::string text = "// Zed settings\n{\n  \"theme\": \"One\",\n}\n";
    for (const auto& [tool, file] : {std::pair{"zed", ".config/zed/settings.json"},
                                     {"llama-vscode", ".config/Code/User/settings.json"},
                                     {"claude-code", ".claude/settings.json"}}) {
        user.put(file, text);
        REQUIRE(shell.run({"connect", tool, "--yes"}) == 0);
        CHECK(user.text(file) == text);
        CHECK(shell.out.find("is not edited: it has comments or is not plain JSON") != std::string::npos);
        CHECK(shell.out.find("http://127.0.0.1:4327") != std::string::npos);
        CHECK(!std::filesystem::exists(shell.home().root / "connect" / tool));
    }
}

TEST_CASE("connect: conflicting settings are reported with their line, and nothing is written") {
    struct Conflict {
        std::string tool, file, text, message;
    };
    for (const auto& one : {
             Conflict{"codex", ".codex/config.toml", "a = 1\n[model_providers.hearth]\nname = \"x\"\n",
                      "line 2, has a provider \"hearth\" of its own"},
             Conflict{"codex", ".codex/config.toml", "a = \n", "config.toml is not valid TOML (line 1"},
             Conflict{"codex", ".codex/config.toml", "model_providers = { other = { name = \"x\" } }\n",
                      "would not be valid TOML any more"},
             Conflict{"codex", ".codex/hearth.config.toml", "model = \"x\"\n", "line 1, sets model already"},
             Conflict{"codex", ".codex/config.toml", "# >>> hearth connect >>>\n",
                      "begins in line 1 has no end"},
             Conflict{"gemini", ".gemini/.env", "A=1\nexport GEMINI_API_KEY=x\n",
                      "line 2, sets GEMINI_API_KEY already"},
             Conflict{"aider", ".aider.conf.yml", "# model: x\n\"model\" : sonnet\n",
                      "line 2, sets model already"},
             Conflict{"aider", ".aider.conf.yml", "a: 1\n---\nb: 1\n", "more than one document"},
         }) {
        CAPTURE(one.text);
        Shell shell;
        const User user;
        user.put(one.file, one.text);
        CHECK(shell.run({"connect", one.tool, "--yes"}) == 1);
        CHECK(shell.err.find(one.message) != std::string::npos);
        CHECK(user.text(one.file) == one.text);
        CHECK(!std::filesystem::exists(shell.home().root / "connect" / one.tool));
    }
}

TEST_CASE("connect: Codex keeps the user's model; Continue's other list forms are shown, not edited") {
    Shell shell;
    const User user;
    user.put(".codex/config.toml", "model = \"gpt-5.5\"\n");
    REQUIRE(shell.run({"connect", "codex", "--yes"}) == 0);
    CHECK(user.text(".codex/config.toml").starts_with("model = \"gpt-5.5\"\n# >>> hearth connect >>>\n"));
    CHECK(user.text(".codex/config.toml").find("model_provider = ") == std::string::npos);
    CHECK(user.text(".codex/hearth.config.toml").find("model_provider = \"hearth\"") != std::string::npos);
    CHECK(shell.out.find("codex --profile hearth") != std::string::npos);

    user.put(".continue/config.yaml", "schema: v1\nmodels: # mine\n    - name: A\n");
    REQUIRE(shell.run({"connect", "continue", "--yes"}) == 0);
    CHECK(
        user.text(".continue/config.yaml").find("\n    - name: \"Hearth auto\"\n      provider: openai\n") !=
        std::string::npos);
    REQUIRE(shell.run({"connect", "continue", "--undo", "--yes"}) == 0);

    for (const auto* yaml :
         {"models: [{name: A}]\n", "models:\n  hub: x\n", "\"models\": []\n", "models:\n"}) {
        CAPTURE(yaml);
        user.put(".continue/config.yaml", yaml);
        REQUIRE(shell.run({"connect", "continue", "--yes"}) == 0);
        CHECK(user.text(".continue/config.yaml") == yaml);
        CHECK(shell.out.find("is not edited: models in line") != std::string::npos);
    }
}

TEST_CASE("connect: a file that changes during the prompt is not overwritten") {
    Shell shell;
    const User user;
    user.put(".claude/settings.json", "{}");
    const Records records(shell.home(), "claude-code");
    Target target;
    target.env = config::Environment({{"HOME", user.home.string()}});
    const auto drafts = draft(*find_tool("claude-code"), target, records);
    REQUIRE(drafts.has_value());
    user.put(".claude/settings.json", "{\"new\": 1}");
    const auto done = write(drafts->files, {}, records);
    REQUIRE(!done.has_value());
    CHECK(done.error()->message.find("changed by another program") != std::string::npos);
    CHECK(user.text(".claude/settings.json") == "{\"new\": 1}");
}

}  // namespace connect_undo_test
