#include "cli/parse.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "cli/commands.h"
#include "text/utf8.h"

namespace hearth::cli {

namespace {

constexpr Option kCommon[] = {
    {"--json", "", "print JSON, for scripts"},
    {"--config", "FILE", "configuration file; default: hearth.toml in Hearth's home"},
    {"--help", "", "show this help", 'h'},
};

bool is_prefix_of_some(std::string_view word) {
    return std::ranges::any_of(commands(), [&](const Command* c) {
        return c->name.size() > word.size() && c->name.starts_with(word) && c->name[word.size()] == ' ';
    });
}

const Command* find_command(std::string_view name) {
    const auto all = commands();
    const auto found = std::ranges::find(all, name, &Command::name);
    return found == all.end() ? nullptr : *found;
}

std::string unknown_command(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto* command : commands()) names.push_back(command->name);
    const auto near = nearest_word(name, names);
    return fmt::format("There is no command \"{}\".{} `hearth --help` lists them.", text::printable(name),
                       near.empty() ? "" : fmt::format(" Did you mean \"{}\"?", near));
}

}  // namespace

std::span<const Option> common_options() {
    return kCommon;
}

std::optional<std::string> Arguments::value(std::string_view option) const {
    for (auto it = options_.rbegin(); it != options_.rend(); ++it) {
        if (it->first == option) return it->second;
    }
    return std::nullopt;
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    std::vector<std::string> found;
    for (const auto& [name, text] : options_) {
        if (name == option) found.push_back(text);
    }
    return found;
}

std::string Arguments::joined(std::size_t from) const {
    std::string text;
    for (std::size_t i = from; i < positional_.size(); ++i) text += (i > from ? " " : "") + positional_[i];
    return text;
}

// A single pass over the words; a friend of Arguments.
struct Parser {
    const std::vector<std::string>& words;
    std::size_t at = 0;
    Parsed out = {};

    const Option* option(std::string_view name) const {
        for (const auto options :
             {out.command ? out.command->options : std::span<const Option>{}, common_options()}) {
            for (const auto& option : options) {
                const bool letter =
                    name.size() == 2 && name[0] == '-' && option.letter != 0 && name[1] == option.letter;
                if (option.name == name || letter) return &option;
            }
        }
        return nullptr;
    }

    // Finds the command by its longest match: "key add" before "key".
    Result<void> take_command(const std::string& word) {
        if (is_prefix_of_some(word)) {
            if (at + 1 < words.size() && !words[at + 1].starts_with('-')) {
                const auto both = word + " " + words[at + 1];
                out.command = find_command(both);
                if (!out.command) return fail(Code::invalid_request, unknown_command(both));
                ++at;
                return {};
            }
            out.topic = word;
            return {};
        }
        out.command = find_command(word);
        if (!out.command) return fail(Code::invalid_request, unknown_command(word));
        return {};
    }

    Result<void> take_option(std::string_view word) {
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        const auto* found = option(name);
        if (!found) {
            std::vector<std::string_view> known;
            for (const auto& one : common_options()) known.push_back(one.name);
            if (out.command) {
                for (const auto& one : out.command->options) known.push_back(one.name);
            }
            const auto near = nearest_word(name, known);
            return fail(Code::invalid_request,
                        fmt::format("There is no option {}{}.{}", text::printable(name),
                                    out.command ? fmt::format(" for `hearth {}`", out.command->name) : "",
                                    near.empty() ? "" : fmt::format(" Did you mean {}?", near)));
        }
        if (found->name == "--help") {
            out.help = true;
        } else if (found->value.empty()) {
            if (equals != std::string_view::npos) {
                return fail(Code::invalid_request, fmt::format("{} takes no value.", found->name));
            }
            out.arguments.options_.emplace_back(found->name, "");
        } else if (equals != std::string_view::npos) {
            out.arguments.options_.emplace_back(found->name, word.substr(equals + 1));
        } else if (at + 1 < words.size()) {
            out.arguments.options_.emplace_back(found->name, words[++at]);
        } else {
            return fail(Code::invalid_request,
                        fmt::format("{} needs a value: {} {}", found->name, found->name, found->value));
        }
        return {};
    }

    Result<Parsed> parse() {
        bool options_end = false;
        for (; at < words.size(); ++at) {
            const auto& word = words[at];
            Result<void> taken;
            if (!options_end && word == "--") {
                options_end = true;
            } else if (!options_end && word.size() > 1 && word[0] == '-') {
                taken = take_option(word);
            } else if (!out.command && out.topic.empty()) {
                taken = take_command(word);
            } else {
                out.arguments.positional_.push_back(word);
            }
            if (!taken) return fail(std::move(taken.error()));
        }
        if (!out.command || out.help) return std::move(out);
        const auto count = out.arguments.positional_.size();
        if (count < out.command->min || count > out.command->max) {
            return fail(Code::invalid_request,
                        fmt::format("`hearth {}` takes {}, but got {} argument{}. See `hearth {} --help`.",
                                    out.command->name,
                                    out.command->arguments.empty() ? std::string_view("no arguments")
                                                                   : out.command->arguments,
                                    count, count == 1 ? "" : "s", out.command->name));
        }
        return std::move(out);
    }
};

Result<Parsed> parse(const std::vector<std::string>& words) {
    return Parser{words}.parse();
}

}  // namespace hearth::cli
