#include "cli/parse.h"

#include <doctest/doctest.h>

#include <set>

#include "cli/commands.h"

namespace parse_test {

using namespace hearth;
using namespace hearth::cli;

namespace {
std::string error_of(const std::vector<std::string>& words) {
    const auto parsed = parse(words);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error()->code == Code::invalid_request);
    return parsed.error()->message;
}
}  // namespace

TEST_CASE("parse: options in every form and position") {
    const auto parsed =
        parse({"serve", "--listen", "127.0.0.1:1", "-l", "[::1]:2", "--listen=127.0.0.1:3", "--offline"});
    REQUIRE(parsed.has_value());
    CHECK(parsed->command == &kServe);
    CHECK(parsed->arguments.values("--listen") ==
          std::vector<std::string>{"127.0.0.1:1", "[::1]:2", "127.0.0.1:3"});
    CHECK(parsed->arguments.has("--offline"));
    CHECK_FALSE(parsed->arguments.has("--json"));
    const auto last = parse({"ledger", "-n", "1", "--limit", "2"});
    CHECK(last->arguments.value("--limit") == "2");
}

TEST_CASE("parse: two-word commands and their help") {
    CHECK(parse({"key", "add", "laptop"})->command == &kKeyAdd);
    CHECK(parse({"key", "add", "laptop", "--project=blog"})->arguments.value("--project") == "blog");
    CHECK(parse({"config", "check"})->command == &kConfigCheck);
    const auto topic = parse({"key"});
    CHECK(topic->command == nullptr);
    CHECK(topic->topic == "key");
    CHECK(help_topic("key").find("key add NAME") != std::string::npos);
    CHECK(parse({"key", "--help"})->help);
}

TEST_CASE("parse: -- ends the options; a single dash is an argument") {
    const auto parsed = parse({"run", "spark", "--", "--help", "-x", "-"});
    REQUIRE(parsed.has_value());
    CHECK_FALSE(parsed->help);
    CHECK(parsed->arguments.joined(1) == "--help -x -");
    CHECK(parse({"run", "spark", "-"})->arguments.positional().size() == 2);
}

TEST_CASE("parse: usage errors suggest the nearest command or option") {
    CHECK(error_of({"sevre"}) ==
          "There is no command \"sevre\". Did you mean \"serve\"? `hearth --help` lists them.");
    CHECK(error_of({"key", "ad", "x"}).find("Did you mean \"key add\"?") != std::string::npos);
    CHECK(error_of({"serve", "--lisen", "x"}) ==
          "There is no option --lisen for `hearth serve`. Did you mean --listen?");
    CHECK(error_of({"serve", "--listen"}) == "--listen needs a value: --listen HOST:PORT");
    CHECK(error_of({"serve", "--offline=1"}) == "--offline takes no value.");
    CHECK(error_of({"show"}) == "`hearth show` takes MODEL, but got 0 arguments. See `hearth show --help`.");
    CHECK(error_of({"list", "x"}) ==
          "`hearth list` takes no arguments, but got 1 argument. See `hearth list --help`.");
    CHECK(error_of({"\x1b[2J"}).find('\x1b') == std::string::npos);
}

TEST_CASE("parse: every command is documented, found by its name, and has distinct options") {
    std::set<std::string_view> names;
    const auto all = overview("1");
    for (const auto* command : commands()) {
        CAPTURE(command->name);
        CHECK(names.insert(command->name).second);
        CHECK((command->run != nullptr));
        CHECK(command->summary.size() > 10);
        CHECK(command->min <= command->max);
        CHECK(all.find(std::string("  ") + std::string(command->name)) != std::string::npos);
        CHECK(help(*command).find(command->summary) == 0);
        std::set<std::string_view> options;
        std::set<char> letters;
        for (const auto list : {command->options, common_options()}) {
            for (const auto& option : list) {
                CHECK(options.insert(option.name).second);
                CHECK(option.name.starts_with("--"));
                if (option.letter != 0) CHECK(letters.insert(option.letter).second);
            }
        }
        std::vector<std::string> words;
        std::string name(command->name);
        if (const auto space = name.find(' '); space != std::string::npos) {
            words = {name.substr(0, space), name.substr(space + 1)};
        } else {
            words = {name};
        }
        for (std::size_t i = 0; i < command->min; ++i) words.emplace_back("x");
        const auto parsed = parse(words);
        REQUIRE(parsed.has_value());
        CHECK(parsed->command == command);
    }
}

TEST_CASE("parse: arbitrary words give a command or an error message") {
    const std::vector<std::string> odd = {
        "", "-", "--", "---", "-=", "--=", "--json=", "-n", "key", "run", "--help", "\xff", "=x"};
    for (const auto& a : odd) {
        for (const auto& b : odd) {
            for (const auto& c : odd) {
                const auto parsed = parse({a, b, c});
                if (!parsed) CHECK_FALSE(parsed.error()->message.empty());
            }
        }
    }
}

}  // namespace parse_test
