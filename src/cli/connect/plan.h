#pragma once
// The changes of `hearth connect TOOL` as data: settings of files, variables, manual steps. A tool is one row and one
// function that makes its plan; nothing here reads or writes a file. The files, their keys and the limits of each tool are
// in docs/connect.md with their sources.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/connect/json_edit.h"
#include "config/environment.h"

namespace hearth::cli::connect {

// Input of a plan: Hearth's address, the key, the models.
struct Target {
    std::string origin = "http://127.0.0.1:4327";  // without a path
    std::string key;                               // --key; empty: none required
    std::string model, fast_model;                 // --model, --fast-model; empty: unset
    std::int64_t context = 0;                      // the model's context size in tokens; 0: unknown
    config::Environment env;

    [[nodiscard]] std::string v1() const { return origin + "/v1"; }
    // Most tools need some key to start; Hearth ignores it if it requires none.
    [[nodiscard]] std::string key_or_any() const { return key.empty() ? "hearth" : key; }
    [[nodiscard]] std::string main() const { return model.empty() ? "auto" : model; }
    // For titles and other small calls: the fast model, else the named one, else `local`.
    [[nodiscard]] std::string fast() const {
        return !fast_model.empty() ? fast_model : model.empty() ? "local" : model;
    }
    // For tools that need a context size: too small only compacts early, too large breaks the session.
    [[nodiscard]] std::int64_t window() const { return context > 0 ? context : 32'768; }
    [[nodiscard]] std::int64_t longest_answer() const { return std::min<std::int64_t>(8'192, window() / 4); }
    // Entries of the tool's model list: main, fast, auto and local, without duplicates.
    [[nodiscard]] std::vector<std::string> models() const;
};

// One setting of a JSON file.
struct Setting {
    Place place;
    std::string json;
    bool keep = false;  // an existing value is kept
};

// Lines of a TOML, YAML or .env file, marked as Hearth's.
struct Block {
    std::string lines;   // each with its line end
    std::size_t at = 0;  // in the file's text without Hearth's blocks; the start of a line, or the text's end
};

struct FileChange {
    enum class Kind : std::uint8_t { json, toml, lines } kind = Kind::json;
    std::filesystem::path path;
    std::string_view empty = "{}\n";  // initial content of a JSON file
    std::vector<Setting> settings;    // json
    std::vector<Block> blocks;        // toml, lines
    std::string by_hand =
        {};  // not empty: the reason why Hearth does not edit this file; its part is shown instead
};

struct Plan {
    std::vector<FileChange> files;
    std::vector<std::pair<std::string, std::string>> variables;  // equivalent environment variables: --print
    std::vector<std::string> steps;                              // manual steps, in order
    std::vector<std::string> notes;                              // notes for the user; a sentence each
};

// The text of a settings file without Hearth's changes; empty if missing. Errors: unreadable.
using Base = std::function<Result<std::string>(const std::filesystem::path&)>;

struct Tool {
    std::string_view name;      // "claude-code"
    std::string_view title;     // "Claude Code"
    std::string_view protocol;  // its API: "Anthropic Messages"
    std::string_view cannot;    // its traffic that does not use Hearth; a sentence
    // Errors: (conflict) a contradicting setting that Hearth does not edit, with its position.
    Result<Plan> (*plan)(const Target&, const Base&);
};

[[nodiscard]] std::span<const Tool> tools();
[[nodiscard]] const Tool* find_tool(std::string_view name);

// Functions of the rows, by source file.
Result<Plan> plan_claude_code(const Target&, const Base&);  // tools_terminal.cpp
Result<Plan> plan_gemini(const Target&, const Base&);
Result<Plan> plan_qwen(const Target&, const Base&);
Result<Plan> plan_opencode(const Target&, const Base&);
Result<Plan> plan_cline(const Target&, const Base&);
Result<Plan> plan_copilot_cli(const Target&, const Base&);
Result<Plan> plan_codex(const Target&, const Base&);  // tools_marked.cpp: files with marked lines
Result<Plan> plan_continue(const Target&, const Base&);
Result<Plan> plan_aider(const Target&, const Base&);
Result<Plan> plan_vscode(const Target&, const Base&);  // tools_editor.cpp
Result<Plan> plan_llama_vscode(const Target&, const Base&);
Result<Plan> plan_zed(const Target&, const Base&);
Result<Plan> plan_jetbrains(const Target&, const Base&);
Result<Plan> plan_cursor(const Target&, const Base&);
Result<Plan> plan_open_webui(const Target&, const Base&);

// A file that Hearth does not parse must not set one of `keys` outside of Hearth's lines: the settings would conflict.
// `sign` follows a key: "=" or ":". Errors: (conflict) with file, line and key.
[[nodiscard]] Result<void> no_such_line(std::string_view text, const std::filesystem::path& path,
                                        const std::vector<std::string_view>& keys, std::string_view sign);

// $HOME and $XDG_CONFIG_HOME (else ~/.config), as used by the tools.
[[nodiscard]] std::filesystem::path user_home(const Target& target);
[[nodiscard]] std::filesystem::path config_home(const Target& target);
// $variable, else `otherwise`.
[[nodiscard]] std::filesystem::path folder_of(const Target& target, std::string_view variable,
                                              const std::filesystem::path& otherwise);
[[nodiscard]] std::string json_text(std::string_view text);  // as a JSON string; also valid in TOML and YAML

}  // namespace hearth::cli::connect
