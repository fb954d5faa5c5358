#pragma once
// A command: a row of plain data and a function. The parser, --help and the completions are derived from these rows.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/cli.h"
#include "config/config.h"

namespace hearth::cli {

struct Option {
    std::string_view name;   // "--json"
    std::string_view value;  // "N": takes a value; empty: a flag
    std::string_view help;
    char letter = 0;  // 'n' for -n
};

enum class Group : std::uint8_t { start, models, inspect, setup };

// Completion of a command's arguments.
enum class Complete : std::uint8_t { nothing, model, file, tool };

struct Context;
class Arguments;

struct Command {
    std::string_view name;  // "serve", "key add"
    Group group;
    std::string_view arguments;  // shown in help: "MODEL [PROMPT...]"
    std::size_t min = 0, max = 0;
    std::string_view summary;  // one line
    std::span<const Option> options;
    std::string_view details;  // examples and notes; may be empty
    int (*run)(Context&, const Arguments&);
    Complete complete = Complete::nothing;
};

// Options common to all commands.
[[nodiscard]] std::span<const Option> common_options();

class Arguments {
  public:
    [[nodiscard]] bool has(std::string_view option) const { return value(option).has_value(); }
    [[nodiscard]] std::optional<std::string> value(std::string_view option) const;  // the last one given
    [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
    [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }
    [[nodiscard]] std::string joined(std::size_t from) const;  // positional arguments as one text

  private:
    friend struct Parser;
    std::vector<std::pair<std::string_view, std::string>> options_;
    std::vector<std::string> positional_;
};

struct Context {
    const Host& host;
    config::Home home;
    config::Environment env;
    config::Flags flags;
    bool json = false;

    [[nodiscard]] Result<config::Snapshot> config() const { return config::load(home, env, flags); }
};

// Prints "error: …" to stderr, with --json also {"error":{…}} to stdout; returns the exit status.
int report(const Context& context, const Error& error);

}  // namespace hearth::cli
