#pragma once
// What `hearth connect TOOL` would do, as data: which settings of which files, which variables, which steps by hand. A
// tool is one row and one function that makes its plan; nothing here reads or writes a file. The files, their keys and
// what each tool cannot do stand with their sources in docs/connect.md.
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

// What a tool is told: where Hearth is, what to present, which models to ask for.
struct Target {
    std::string origin = "http://127.0.0.1:4327";  // without a path
    std::string key;                               // --key; empty: Hearth asks for none
    std::string model, fast_model;                 // --model, --fast-model; empty: not given
    std::int64_t context = 0;                      // the model's window in tokens; 0: not known
    config::Environment env;

    [[nodiscard]] std::string v1() const { return origin + "/v1"; }
    // Most tools refuse to start without some key; Hearth ignores it where it asks for none.
    [[nodiscard]] std::string key_or_any() const { return key.empty() ? "hearth" : key; }
    [[nodiscard]] std::string main() const { return model.empty() ? "auto" : model; }
    // For titles and other small calls: the fast one, else the one that was named, else what runs here.
    [[nodiscard]] std::string fast() const {
        return !fast_model.empty() ? fast_model : model.empty() ? "local" : model;
    }
    // For tools that must be told a window: too small only compacts early, too large breaks the session.
    [[nodiscard]] std::int64_t window() const { return context > 0 ? context : 32'768; }
    [[nodiscard]] std::int64_t longest_answer() const { return std::min<std::int64_t>(8'192, window() / 4); }
    // What the tool's picker shows: main and fast, and auto and local, each once.
    [[nodiscard]] std::vector<std::string> models() const;
};

// One setting of a JSON file.
struct Setting {
    Place place;
    std::string json;
    bool keep = false;  // what is there already stays
};

// Lines of a TOML, YAML or .env file, marked as Hearth's.
struct Block {
    std::string lines;   // each with its line end
    std::size_t at = 0;  // in the file's text without Hearth's blocks; the start of a line, or the text's end
};

struct FileChange {
    enum class Kind : std::uint8_t { json, toml, lines } kind = Kind::json;
    std::filesystem::path path;
    std::string_view empty = "{}\n";  // what a JSON file begins as
    std::vector<Setting> settings;    // json
    std::vector<Block> blocks;        // toml, lines
    std::string by_hand = {};  // not empty: why Hearth does not edit this file; its part is shown instead
};

struct Plan {
    std::vector<FileChange> files;
    std::vector<std::pair<std::string, std::string>> variables;  // the same for one shell: --print
    std::vector<std::string> steps;                              // by hand, in this order
    std::vector<std::string> notes;                              // what to know afterwards; a sentence each
};

// The text of a settings file without what Hearth has put there; empty when there is none. Errors: it cannot be read.
using Base = std::function<Result<std::string>(const std::filesystem::path&)>;

struct Tool {
    std::string_view name;    // "claude-code"
    std::string_view title;   // "Claude Code"
    std::string_view wire;    // what it speaks with Hearth: "Anthropic Messages"
    std::string_view cannot;  // what stays outside Hearth; a sentence
    // Errors: (conflict) the file says otherwise already, in a place that Hearth does not edit: what and where.
    Result<Plan> (*plan)(const Target&, const Base&);
};

[[nodiscard]] std::span<const Tool> tools();
[[nodiscard]] const Tool* find_tool(std::string_view name);

// Rows, by where their function stands.
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

// A file whose language Hearth does not read must not name one of `keys` outside of Hearth's lines: two of them would
// contradict each other. `sign` stands behind a key: "=" or ":". Errors: (conflict) the file, the line, the key.
[[nodiscard]] Result<void> no_such_line(std::string_view text, const std::filesystem::path& path,
                                        const std::vector<std::string_view>& keys, std::string_view sign);

// $HOME and $XDG_CONFIG_HOME (else ~/.config), as the tools read them.
[[nodiscard]] std::filesystem::path user_home(const Target& target);
[[nodiscard]] std::filesystem::path config_home(const Target& target);
// $variable, else `otherwise`.
[[nodiscard]] std::filesystem::path folder_of(const Target& target, std::string_view variable,
                                              const std::filesystem::path& otherwise);
[[nodiscard]] std::string json_text(
    std::string_view text);  // as a JSON string; TOML and YAML read it the same

}  // namespace hearth::cli::connect
