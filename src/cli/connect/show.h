#pragma once
// Output of `hearth connect`, as text and as JSON.
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/connect/change.h"

namespace hearth::cli::connect {

[[nodiscard]] std::string tilde(const Context& context,
                                const std::filesystem::path& path);  // "~/.codex/config.toml"

// All tools: API, location of the settings, whether they exist and are connected.
void show_tools(const Context& context);

// The change as a diff, text for files that are not edited, variables and manual steps.
void show_plan(const Context& context, const Tool& tool, const Target& target, const Drafts& drafts);
// Notes after the change.
void show_notes(const Tool& tool, const Drafts& drafts);
// --print: `export` lines for eval if the tool has variables, else the content for its files.
void print_settings(const Context& context, const Drafts& drafts);
void print_json(const Tool& tool, const Target& target, const Drafts& drafts, bool written);

void show_undo(const Context& context, const std::vector<Undo>& files);
void print_json(const Tool& tool, const std::vector<Undo>& files, bool done);

}  // namespace hearth::cli::connect
