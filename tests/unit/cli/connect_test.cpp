// The connect command: lists, prompts, printed output and JSON.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>

#include "cli/connect/target.h"
#include "connect_rig.h"
#include "text/json.h"

namespace connect_test {

using namespace connect_rig;

namespace {

// Runs the command on a terminal and types `answer` at the prompt. Returns its output.
std::string on_terminal(const std::vector<const char*>& words, const std::string& answer) {
    int fd = -1;
    std::fflush(stdout);
    const pid_t child = ::forkpty(&fd, nullptr, nullptr, nullptr);
    if (child == 0) {
        const int status =
            cli::run(static_cast<int>(words.size()), words.data(), {.version = "1", .serve = {}});
        std::fflush(stdout);
        ::_exit(status);
    }
    std::string seen;
    bool answered = false;
    char buffer[4096];
    for (pollfd ready{.fd = fd, .events = POLLIN, .revents = 0}; ::poll(&ready, 1, 20'000) > 0;) {
        const auto n = ::read(fd, buffer, sizeof buffer);
        if (n <= 0) break;
        seen.append(buffer, static_cast<std::size_t>(n));
        if (!answered && seen.find("[y/N]") != std::string::npos) {
            answered = true;
            REQUIRE(::write(fd, answer.data(), answer.size()) == static_cast<ssize_t>(answer.size()));
        }
    }
    (void)::close(fd);
    (void)::waitpid(child, nullptr, 0);
    return seen;
}

}  // namespace

TEST_CASE("connect: lists the tools, their APIs and whether they are installed") {
    Shell shell;
    const User user;
    user.put(".claude/settings.json", "{}");
    REQUIRE(shell.run({"connect", "codex", "--yes"}) == 0);
    REQUIRE(shell.run({"connect"}) == 0);
    const auto line = [&](const std::string& tool) {
        const auto at = shell.out.find("\n" + tool + " ") + 1;
        return shell.out.substr(at, shell.out.find('\n', at) - at);
    };
    CHECK(line("claude-code").find("~/.claude/settings.json") != std::string::npos);
    CHECK(line("claude-code").ends_with("found here"));
    CHECK(line("codex").ends_with("connected"));
    CHECK(line("zed").ends_with("not found"));
    CHECK(line("cursor").find("by hand") != std::string::npos);
    REQUIRE(shell.run({"connect", "--json"}) == 0);
    json::Document document;
    REQUIRE(document.parse(shell.out));
    const auto tools = document.root()["tools"];
    CHECK(tools.size() == 15);
    CHECK(tools.at(0)["here"].as_bool() == true);
    CHECK(tools.at(1)["connected"].as_bool() == true);
    CHECK(tools.at(14)["cannot"].as_string().find("Agent mode") != std::string_view::npos);
}

TEST_CASE("connect: without a terminal and --yes it only shows the changes") {
    Shell shell;
    const User user;
    REQUIRE(shell.run({"connect", "claude-code"}) == 0);
    CHECK(shell.out.find("+    \"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:4327\"") != std::string::npos);
    CHECK(shell.err.find("use --yes") != std::string::npos);
    CHECK(std::filesystem::is_empty(user.home));
    CHECK(!std::filesystem::exists(shell.home().root / "connect"));
}

TEST_CASE("connect: prompts on a terminal and writes only after yes") {
    Shell shell;
    const User user;
    CHECK(on_terminal({"hearth", "connect", "claude-code"}, "\n").find("Nothing is changed.") !=
          std::string::npos);
    CHECK(!user.has(".claude/settings.json"));
    CHECK(on_terminal({"hearth", "connect", "claude-code"}, "y\n").find("Written: ~/.claude") !=
          std::string::npos);
    CHECK(user.has(".claude/settings.json"));
    CHECK(on_terminal({"hearth", "connect", "claude-code", "--undo"}, "n\n").find("Nothing is changed.") !=
          std::string::npos);
    CHECK(user.has(".claude/settings.json"));
    CHECK(on_terminal({"hearth", "connect", "claude-code", "--undo"}, "y\n").find("as it was before") !=
          std::string::npos);
    CHECK(!user.has(".claude/settings.json"));
}

TEST_CASE("connect: --print writes export lines or the file's content") {
    Shell shell;
    const User user;
    REQUIRE(shell.run({"connect", "claude-code", "--print", "-m", "it's"}) == 0);
    CHECK(shell.out.starts_with("export ANTHROPIC_BASE_URL='http://127.0.0.1:4327'\n"));
    CHECK(shell.out.find("export ANTHROPIC_MODEL='it'\\''s'\n") != std::string::npos);
    REQUIRE(shell.run({"connect", "copilot-cli", "--print", "--context", "32768"}) == 0);
    CHECK(shell.out.find("export COPILOT_PROVIDER_MAX_PROMPT_TOKENS='24576'\n") != std::string::npos);
    REQUIRE(shell.run({"connect", "codex", "--print"}) == 0);
    CHECK(shell.out.starts_with("# ~/.codex/config.toml\n# >>> hearth connect >>>\n"));
    REQUIRE(shell.run({"connect", "opencode", "--print"}) == 0);
    CHECK(shell.out.starts_with("export OPENCODE_CONFIG_CONTENT='{\"provider\":{\"hearth\":{"));
    CHECK(std::filesystem::is_empty(user.home));
}

TEST_CASE("connect: --json reports the changes") {
    Shell shell;
    const User user;
    user.put(".claude/settings.json", "{\n  \"env\": {\n    \"MY_TOKEN\": \"abc\"\n  }\n}\n");
    REQUIRE(shell.run({"connect", "claude-code", "--json"}) == 0);
    json::Document document;
    REQUIRE(document.parse(shell.out));
    CHECK(document.root()["written"].as_bool() == false);
    CHECK(document.root()["files"].at(0)["diff"].as_string().find("\"MY_TOKEN\": \"***\"") !=
          std::string_view::npos);
    REQUIRE(shell.run({"connect", "claude-code", "--json", "--yes"}) == 0);
    REQUIRE(document.parse(shell.out));
    CHECK(document.root()["written"].as_bool() == true);
    REQUIRE(shell.run({"connect", "claude-code", "--json", "--yes", "--undo"}) == 0);
    REQUIRE(document.parse(shell.out));
    CHECK(document.root()["undone"].as_bool() == true);
    CHECK(document.root()["files"].at(0)["original"].as_bool() == true);
}

TEST_CASE("connect: the address is that of --url, the running Hearth, or the configuration") {
    Shell shell;
    const User user;
    std::ofstream(shell.home().config_file()) << "[server]\nlisten = [\"0.0.0.0:5001\"]\n";
    REQUIRE(shell.run({"connect", "copilot-cli", "--print"}) == 0);
    CHECK(shell.out.find("'http://127.0.0.1:5001/v1'") != std::string::npos);
    {
        ScriptedDaemon daemon({});
        const auto lock = running(shell, daemon);
        REQUIRE(shell.run({"connect", "copilot-cli", "--print"}) == 0);
        CHECK(shell.out.find("'http://" + daemon.address + "/v1'") != std::string::npos);
    }
    REQUIRE(shell.run({"connect", "copilot-cli", "--print", "--url", "https://hearth.example/v1/", "--key",
                       "k"}) == 0);
    CHECK(shell.out.find("'https://hearth.example/v1'") != std::string::npos);
    std::ofstream(shell.home().config_file()) << "[server]\nlisten = [\"127.0.0.1:0\"]\n";
    CHECK(shell.run({"connect", "copilot-cli", "--print"}) == 1);
    CHECK(shell.err.find("start it first, or give --url") != std::string::npos);

    CHECK(*cli::connect::origin_of("localhost:1") == "http://localhost:1");
    CHECK(*cli::connect::origin_of("http://[::1]:4327/") == "http://[::1]:4327");
    for (const auto* wrong : {"", "ftp://x", "http://x/path", "http://a b", "http://x'y", "http://u:p@x"})
        CHECK(!cli::connect::origin_of(wrong).has_value());
}

TEST_CASE("connect: a key is required if Hearth requires keys") {
    Shell shell;
    const User user;
    std::ofstream(shell.home().config_file()) << "[server]\nrequire_keys = true\n";
    CHECK(shell.run({"connect", "claude-code", "--yes"}) == 1);
    CHECK(shell.err.find("`hearth key add NAME` creates one") != std::string::npos);
    CHECK(shell.run({"connect", "claude-code", "--yes", "--key", "hk_x"}) == 0);
    CHECK(user.text(".claude/settings.json").find("\"ANTHROPIC_AUTH_TOKEN\": \"hk_x\"") != std::string::npos);
    std::filesystem::remove(shell.home().config_file());
    CHECK(shell.run({"connect", "claude-code", "--url", "http://192.168.1.2:4327"}) == 1);
}

TEST_CASE("connect: usage errors") {
    Shell shell;
    const User user;
    CHECK(shell.run({"connect", "cursr"}) == 2);
    CHECK(shell.err.find("Did you mean \"cursor\"?") != std::string::npos);
    CHECK(shell.run({"connect", "codex", "--context", "many"}) == 1);
    CHECK(shell.run({"connect", "codex", "--model", "a\nb"}) == 1);
    CHECK(shell.run({"connect", "codex", "--undo"}) == 1);
    CHECK(shell.err.find("nothing to undo") != std::string::npos);
    CHECK(std::filesystem::is_empty(user.home));
}

TEST_CASE("completions include the tools") {
    Shell shell;
    REQUIRE(shell.run({"completion", "bash"}) == 0);
    CHECK(shell.out.find("connect) options=\"--model") != std::string::npos);
    CHECK(shell.out.find("offer=\"claude-code codex opencode") != std::string::npos);
    REQUIRE(shell.run({"completion", "fish"}) == 0);
    CHECK(shell.out.find("'__fish_seen_subcommand_from connect' -a 'claude-code codex") != std::string::npos);
}

}  // namespace connect_test
