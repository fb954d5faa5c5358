#pragma once
// What `hearth connect` says, for people and as JSON.
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/connect/change.h"

namespace hearth::cli::connect {

[[nodiscard]] std::string tilde(const Context& context,
                                const std::filesystem::path& path);  // "~/.codex/config.toml"

// Every tool: what it speaks, where its settings are, whether they are here and connected.
void show_tools(const Context& context);

// The change as a diff, what belongs into files that are not edited, variables and steps by hand.
void show_plan(const Context& context, const Tool& tool, const Target& target, const Drafts& drafts);
// What to know once it is done.
void show_notes(const Tool& tool, const Drafts& drafts);
// --print: `export` lines for eval where the tool has variables, else what belongs into its files.
void print_settings(const Context& context, const Drafts& drafts);
void print_json(const Tool& tool, const Target& target, const Drafts& drafts, bool written);

void show_undo(const Context& context, const std::vector<Undo>& files);
void print_json(const Tool& tool, const std::vector<Undo>& files, bool done);

}  // namespace hearth::cli::connect
