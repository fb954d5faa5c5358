// Whole commands, as called from a shell, against a scripted daemon.
#include <doctest/doctest.h>

#include "cli/http_client.h"
#include "cli_rig.h"
#include "config/keys.h"
#include "text/json.h"

namespace run_test {

using namespace hearth;
using namespace hearth::cli;
using namespace cli_rig;

TEST_CASE("cli: help, version and usage errors") {
    Shell shell;
    CHECK(shell.run({"--help"}) == kDone);
    CHECK(shell.out.find("Usage: hearth COMMAND") != std::string::npos);
    CHECK(shell.run({"run", "--help"}) == kDone);
    CHECK(shell.out.find("git diff | hearth run auto") != std::string::npos);
    CHECK(shell.run({"help", "run"}) == kDone);
    CHECK(shell.out.find("git diff | hearth run auto") != std::string::npos);
    CHECK(shell.run({"--version"}) == kDone);
    CHECK(shell.out == "hearth 1.2.3\n");
    CHECK(shell.run({"version", "--json"}) == kDone);
    CHECK(shell.out == "{\"version\":\"1.2.3\"}\n");
    CHECK(shell.run({"sevre"}) == kUsage);
    CHECK(shell.err.find("Did you mean \"serve\"?") != std::string::npos);
    CHECK(shell.run({"key"}) == kUsage);
}

TEST_CASE("cli: commands that need a running Hearth report that there is none") {
    Shell shell;
    for (const auto* command : {"ps", "stop", "models", "reload"}) {
        CAPTURE(command);
        CHECK(shell.run({command}) == kNoDaemon);
        CHECK(shell.err.find("No Hearth is running") != std::string::npos);
        CHECK(shell.out.empty());
    }
    CHECK(shell.run({"route", "hello"}) == kNoDaemon);
    CHECK(shell.run({"ps", "--json"}) == kNoDaemon);
    json::Document document;
    REQUIRE(document.parse(shell.out));
    CHECK(document.root()["error"]["code"].as_string() == "unavailable");
    CHECK(shell.run({"list"}) == kDone);
    CHECK(shell.err.find("No Hearth is running") != std::string::npos);
    CHECK(shell.run({"ledger"}) == kDone);
    CHECK(shell.run({"ledger", "--json"}) == kDone);
    CHECK(shell.out == "{\"entries\":[]}\n");
}

TEST_CASE("cli: serve passes the checked configuration and rejects an invalid one") {
    Shell shell;
    std::string seen;
    const Host host{.version = "1", .serve = [&](const config::Config& config, const Host::Load& load) {
                        seen =
                            config.server.listen[0].to_string() + (config.policy.offline ? " offline" : "");
                        const auto again = load();  // a reload finds the same flags
                        seen += again && (*again)->policy.offline ? ", again" : "";
                        return 7;
                    }};
    CHECK(shell.run({"serve", "--listen", "127.0.0.1:9", "--offline"}, "", host) == 7);
    CHECK(seen == "127.0.0.1:9 offline, again");
    seen.clear();
    CHECK(shell.run({"serve", "--listen", "nowhere"}, "", host) == kFailed);
    CHECK(shell.err.find("--listen: expected HOST:PORT") != std::string::npos);
    std::ofstream(shell.home().config_file()) << "[sever]\n";
    CHECK(shell.run({"serve"}, "", host) == kFailed);
    CHECK(shell.err.find("hearth.toml:1:2: unknown section") != std::string::npos);
    CHECK(seen.empty());
}

TEST_CASE("cli: config check marks the position of an error") {
    Shell shell;
    CHECK(shell.run({"config", "check"}) == kDone);
    CHECK(shell.out.find("ok: no configuration file") != std::string::npos);
    std::ofstream(shell.home().config_file()) << "[server]\n  lisen = []\n";
    CHECK(shell.run({"config", "check"}) == kFailed);
    CHECK(shell.out.find("   2 |   lisen = []\n       |   ^\n") != std::string::npos);
    CHECK(shell.run({"config", "check", "--json"}) == kFailed);
    json::Document document;
    REQUIRE(document.parse(shell.out));
    CHECK(document.root()["errors"].at(0)["line"].as_int() == 2);
    CHECK(document.root()["ok"].as_bool() == false);
}

TEST_CASE(
    "the ledger's store: an unknown one is an error, one in memory has nothing to read without a daemon") {
    Shell shell;
    std::ofstream(shell.home().config_file()) << "[ledger]\nstore = \"memroy\"\n";
    CHECK(shell.run({"config", "check"}) == kFailed);
    CHECK(shell.out.find("there is no \"memroy\"; known are \"sqlite\", \"memory\"") != std::string::npos);
    CHECK(shell.run({"ledger"}) == kFailed);
    CHECK(shell.err.find("there is no \"memroy\"") != std::string::npos);
    std::ofstream(shell.home().config_file()) << "[ledger]\nstore = \"memory\"\n";
    CHECK(shell.run({"config", "check"}) == kDone);
    CHECK(shell.out.find("in memory, until Hearth stops") != std::string::npos);
    CHECK(shell.run({"ledger", "--json"}) != kDone);
    CHECK(shell.out.find("no Hearth is running") != std::string::npos);
}

TEST_CASE("cli: keys are created, listed and removed; only the key is on stdout") {
    Shell shell;
    REQUIRE(shell.run({"key", "add", "laptop", "-p", "blog"}) == kDone);
    const auto key = shell.out.substr(0, shell.out.size() - 1);
    CHECK(key.starts_with("hk_"));
    CHECK(config::KeyStore::load(shell.home().keys())->check(key)->project == "blog");
    CHECK(shell.run({"key", "list"}) == kDone);
    CHECK(shell.out.find("laptop") != std::string::npos);
    CHECK(shell.out.find(key) == std::string::npos);
    CHECK(shell.run({"key", "list", "--json"}) == kDone);
    CHECK(shell.out.find(key) == std::string::npos);
    CHECK(shell.run({"key", "rm", "laptop"}) == kDone);
    CHECK(shell.run({"key", "rm", "laptop"}) == kFailed);
}

TEST_CASE("cli: run sends the prompt and prints only the answer") {
    Shell shell;
    ScriptedDaemon daemon(
        {chunked({"data: {\"choices\":[{\"delta\":{\"content\":\"four\"}}]}\n", "\ndata: [DO", "NE]\n\n"}),
         chunked({"data: {\"choices\":[{\"delta\":{\"content\":\"fo\"}}]}\n\n"}),
         not_found("{\"error\":{\"message\":\"no such model; nearest: \\\"spark\\\"\"}}")});
    const auto lock = running(shell, daemon);
    CHECK(shell.run({"run", "spark", "two", "plus", "two?", "--verbose"}) == kDone);
    CHECK(shell.out == "four\n");
    CHECK(shell.err.find("engine/spark local") != std::string::npos);
    CHECK(shell.run({"run", "spark"}, "from a pipe") == kFailed);
    CHECK(shell.err.find("The answer was truncated.") != std::string::npos);
    CHECK(shell.run({"run", "sprak", "x"}) == kFailed);
    CHECK(shell.err.find("nearest: \"spark\"") != std::string::npos);
    CHECK(shell.run({"run", "spark"}, " \n") == kFailed);
    CHECK(shell.err.find("There is no prompt") != std::string::npos);
    REQUIRE(daemon.requests.size() == 3);
    CHECK(daemon.requests[0].find("\"content\":\"two plus two?\"") != std::string::npos);
    CHECK(daemon.requests[0].starts_with("POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:"));
    CHECK(daemon.requests[1].find("\"content\":\"from a pipe\"") != std::string::npos);
}

TEST_CASE("cli: ps, models and route show the daemon's data") {
    Shell shell;
    const std::string ps =
        R"({"workers":[{"model":"spark","state":"ready","pid":42,"memory_bytes":1048576,"context_tokens":2048,"open":0,)"
        R"("confinement":"kernel","unload_at":"2026-11-22T15:04:05.123Z","last_error":null}]})";
    ScriptedDaemon daemon(
        {ok(ps), ok(ps),
         ok(R"({"models":[{"name":"engine/spark","place":"local","bytes":null,"loaded":true,"not_ready":null},)"
            R"({"name":"openai/gpt-5.5","place":"cloud","not_ready":"set OPENAI_API_KEY"}]})"),
         ok(R"({"models":[{"name":"openai/gpt-5.5","place":"cloud","not_ready":"set OPENAI_API_KEY"}]})"),
         ok(R"({"entries":[{"time":"2026-11-22T15:00:28.123Z","model":"gpt-5.5","provider":"openai","place":"cloud",)"
            R"("status":"error","error":"rate_limited","input_tokens":1200,"output_tokens":null,"cost_nano_usd":150000,)"
            R"("timings":{"total_ms":412.9}},{"model":"x","cost_nano_usd":null}]})"),
         ok(R"({"steps":[{"model":"engine/spark","place":"local","reason":"first able"}],"refusals":[{"model":"x/y","why":"no"}]})")});
    const auto lock = running(shell, daemon);
    CHECK(shell.run({"ps"}) == kDone);
    CHECK(shell.out.find("spark  ready   42  1.0 MiB    2,048         0  kernel    15:04:05 UTC") !=
          std::string::npos);
    CHECK(shell.run({"ps", "--json"}) == kDone);
    CHECK(shell.out == ps + "\n");
    CHECK(shell.run({"models"}) == kDone);
    CHECK(shell.out.find("openai") == std::string::npos);  // only usable models
    CHECK(shell.err.find("1 more need their provider's key") != std::string::npos);
    CHECK(shell.run({"models", "--all"}) == kDone);
    CHECK(shell.out.find("set OPENAI_API_KEY") != std::string::npos);
    CHECK(shell.run({"ledger", "-n", "2", "--model", "a/b c", "--place", "cloud"}) == kDone);
    CHECK(daemon.requests.back().starts_with(
        "GET /hearth/v1/ledger?limit=2&model=a%2Fb%20c&place=cloud HTTP/1.1\r\n"));
    CHECK(shell.out.find("error rate_limited  1,200    ?  $0.00015  412 ms\n") != std::string::npos);
    CHECK(shell.out.find("2 requests, $0.00015 and 1 of unknown cost\n") != std::string::npos);
    CHECK(shell.run({"route", "write", "a", "regex"}) == kDone);
    CHECK(shell.out.find("1. engine/spark  (local)  first able") != std::string::npos);
    CHECK(shell.out.find("x/y: no") != std::string::npos);
    CHECK(daemon.requests.back().find("{\"text\":\"write a regex\",\"model\":\"auto\"}") !=
          std::string::npos);
}

TEST_CASE("cli: reload shows what was applied, what needs a restart, and why a file was refused") {
    Shell shell;
    const std::string changed = R"({"applied":["[route] auto"],"needs_restart":["[server] listen"]})";
    const std::string refused =
        R"({"error":{"message":"hearth.toml:2:1: unknown key \"lisen\" in [server]","type":"invalid_request_error",)"
        R"("param":null,"code":"config"}})";
    ScriptedDaemon daemon({ok(changed), ok(changed), ok(R"({"applied":[],"needs_restart":[]})"),
                           bad_request(refused), bad_request(refused)});
    const auto lock = running(shell, daemon);
    CHECK(shell.run({"reload"}) == kDone);
    CHECK(shell.out == "Applied:\n  [route] auto\nNeeds a restart:\n  [server] listen\n");
    CHECK(daemon.requests.back().starts_with("POST /hearth/v1/reload HTTP/1.1\r\n"));
    CHECK(shell.run({"reload", "--json"}) == kDone);
    CHECK(shell.out == changed + "\n");
    CHECK(shell.run({"reload"}) == kDone);
    CHECK(shell.out == "The configuration has not changed.\n");
    CHECK(shell.run({"reload"}) == kFailed);
    CHECK(shell.err.find("hearth.toml:2:1: unknown key \"lisen\"") != std::string::npos);
    CHECK(shell.out.empty());
    CHECK(shell.run({"reload", "--json"}) == kFailed);
    json::Document document;
    REQUIRE(document.parse(shell.out));
    CHECK(document.root()["error"]["message"].as_string().starts_with("hearth.toml:2:1"));
    CHECK(shell.run({"reload", "now"}) == kUsage);
}

TEST_CASE("cli: pull prints plain progress lines without a terminal, and errors") {
    Shell shell;
    ScriptedDaemon daemon(
        {chunked(
             {"{\"stage\":\"download\",\"file\":\"a.gguf\",\"done\":1,\"total\":10,\"bytes_per_second\":5}\n{"
              "\"sta",
              "ge\":\"download\",\"file\":\"a.gguf\",\"done\":10,\"total\":10}\n{\"model\":\"a:latest\"}\n"}),
         chunked({"{\"error\":{\"message\":\"the checksum differs\"}}\n"}),
         chunked({"{\"stage\":\"resolve\"}\n"})});
    const auto lock = running(shell, daemon);
    CHECK(shell.run({"pull", "hf:a/b"}) == kDone);
    CHECK(shell.out.find("10%") != std::string::npos);
    CHECK(shell.out.find("100%") != std::string::npos);
    CHECK(shell.out.find('\r') == std::string::npos);
    CHECK(shell.out.ends_with("a:latest is available. Try it: hearth run a:latest\n"));
    CHECK(shell.run({"pull", "hf:a/b"}) == kFailed);
    CHECK(shell.err.find("the checksum differs") != std::string::npos);
    CHECK(shell.run({"pull", "hf:a/b"}) == kFailed);
    CHECK(shell.err.find("stopped before the download finished") != std::string::npos);
}

TEST_CASE("cli: completions are valid scripts of their shells") {
    Shell shell;
    for (const auto* name : {"bash", "zsh", "fish"}) {
        REQUIRE(shell.run({"completion", name}) == kDone);
        CHECK(shell.out.find("ledger") != std::string::npos);
        if (std::string_view(name) != "bash") continue;
        const auto path = shell.home().root / "completion";
        std::ofstream(path)
            << shell.out
            << "COMP_WORDS=(hearth le) COMP_CWORD=1; _hearth; echo \"${COMPREPLY[*]}\"\n"
               "COMP_WORDS=(hearth key '') COMP_CWORD=2; _hearth; echo \"${COMPREPLY[*]}\"\n"
               "COMP_WORDS=(hearth serve --li) COMP_CWORD=2; _hearth; echo \"${COMPREPLY[*]}\"\n";
        std::FILE* bash = ::popen(("bash " + path.string()).c_str(), "r");
        REQUIRE(bash);
        char buffer[256] = {};
        const auto size = std::fread(buffer, 1, sizeof buffer - 1, bash);
        CHECK(::pclose(bash) == 0);
        CHECK(std::string(buffer, size) == "ledger\nadd list rm\n--listen\n");
    }
    CHECK(shell.run({"completion", "tcsh"}) == kUsage);
}

TEST_CASE("cli: an unreachable, silent or malformed daemon is an error") {
    CHECK(HttpClient("127.0.0.1:1").send({}).error()->code == Code::upstream_connect);
    CHECK(HttpClient("nonsense").send({}).error()->code == Code::upstream_connect);
    {
        ScriptedDaemon daemon({"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", "garbage\r\n\r\n", ""});
        const HttpClient client(daemon.address);
        CHECK(client.send({}).error()->code == Code::upstream_broken);
        CHECK(client.send({}).error()->code == Code::upstream_failed);
        CHECK_FALSE(client.send({}).has_value());
    }
    ScriptedDaemon silent({});
    CHECK(HttpClient(silent.address).send({.silence = milliseconds(200)}).error()->code ==
          Code::upstream_timeout);
    CHECK(HttpClient(silent.address).send({.cancelled = [] { return true; }}).error()->code ==
          Code::cancelled);
}

}  // namespace run_test
