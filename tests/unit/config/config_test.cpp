#include "config/config.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace config_test {

using namespace hearth;
using namespace hearth::config;

namespace {

const Home kHome{"/home/ada/.hearth"};

Report parse(std::string_view toml, std::map<std::string, std::string, std::less<>> env = {},
             const Flags& flags = {}) {
    return check_text(kHome, Environment(std::move(env)), flags, toml, "hearth.toml");
}

Snapshot good(std::string_view toml, std::map<std::string, std::string, std::less<>> env = {},
              const Flags& flags = {}) {
    auto report = parse(toml, std::move(env), flags);
    for (const auto& error : report.errors) MESSAGE(error.to_string());
    REQUIRE(report.config);
    return report.config;
}

// The one error, as text.
std::string bad(std::string_view toml, std::map<std::string, std::string, std::less<>> env = {},
                const Flags& flags = {}) {
    const auto report = parse(toml, std::move(env), flags);
    CHECK_FALSE(report.config);
    if (report.errors.size() != 1) {
        for (const auto& error : report.errors) MESSAGE(error.to_string());
    }
    REQUIRE(report.errors.size() == 1);
    return report.errors[0].to_string();
}

std::string read(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> toml_blocks(const std::string& markdown) {
    std::vector<std::string> blocks;
    for (std::size_t at = 0; (at = markdown.find("```toml\n", at)) != std::string::npos;) {
        at += 8;
        const auto end = markdown.find("```", at);
        REQUIRE(end != std::string::npos);
        blocks.push_back(markdown.substr(at, end - at));
    }
    return blocks;
}

}  // namespace

TEST_CASE("no file, no variables: the defaults") {
    const auto config = good("");
    REQUIRE(config->server.listen.size() == 1);
    CHECK(config->server.listen[0].to_string() == "127.0.0.1:4327");
    CHECK(config->server.listen[0].loopback());
    CHECK(config->policy.of(Place::local) == Decision::allow);
    CHECK(config->policy.of(Place::loopback) == Decision::allow);
    CHECK(config->policy.of(Place::lan) == Decision::deny);
    CHECK(config->policy.of(Place::cloud) == Decision::allow);
    CHECK(config->ledger_path() == "/home/ada/.hearth/ledger.db");
}

TEST_CASE("every example of the documentation is accepted") {
    const auto blocks = toml_blocks(read(HEARTH_SOURCE_DIR "/docs/configuration.md"));
    REQUIRE(blocks.size() >= 8);
    for (const auto& block : blocks) {
        CAPTURE(block);
        const auto report = parse(block);
        for (const auto& error : report.errors) MESSAGE(error.to_string());
        CHECK(report.config);
    }
}

TEST_CASE("flags win over variables, variables over the file, the file over the defaults") {
    const auto* file = "[server]\nlisten = [\"127.0.0.1:1\"]\nmax_body_mb = 2\n[log]\nlevel = \"warn\"\n";
    CHECK(good(file)->server.listen[0].port == 1);
    CHECK(good(file)->server.max_body_bytes == 2 * 1024 * 1024);
    CHECK(good(file, {{"HEARTH_LISTEN", "127.0.0.1:2, [::1]:3"}})->server.listen[1].to_string() == "[::1]:3");
    CHECK(good(file, {{"HEARTH_SERVER_MAX_BODY_MB", "7"}})->server.max_body_bytes == 7 * 1024 * 1024);
    const auto flagged = good(file, {{"HEARTH_LISTEN", "127.0.0.1:2"}, {"HEARTH_LOG_LEVEL", "error"}},
                              {.listen = {"127.0.0.1:4"}, .log_level = "debug"});
    REQUIRE(flagged->server.listen.size() == 1);
    CHECK(flagged->server.listen[0].port == 4);
    CHECK(flagged->log.level == telemetry::Level::debug);
    CHECK(good(file, {{"HEARTH_LOG_LEVEL", "error"}})->log.level == telemetry::Level::error);
    CHECK(good("", {{"HEARTH_OFFLINE", "1"}})->policy.offline);
    CHECK(good("[policy]\noffline = true", {{"HEARTH_OFFLINE", "0"}})->policy.offline == false);
    CHECK(good("[policy]\noffline = false", {}, {.offline = true})->policy.of(Place::cloud) ==
          Decision::deny);
    CHECK(good("", {{"HEARTH_LISTEN", ""}})->server.listen[0].port == kDefaultPort);  // empty is not set
}

TEST_CASE("what is wrong is said with line, column and what was expected") {
    struct Case {
        const char* toml;
        const char* error;
    };
    for (const auto& [toml, error] : {
             Case{"[server]\nlisen = [\"127.0.0.1:1\"]\n",
                  "hearth.toml:2:1: unknown key \"lisen\" in [server]; did you mean \"listen\"?"},
             Case{"[sever]\n", "hearth.toml:1:2: unknown section \"sever\"; did you mean \"server\"?"},
             Case{"x = 1\n",
                  "hearth.toml:1:1: unknown key \"x\"; known are: projects, providers, server, policy, "
                  "client, route, "
                  "responses, files, engine, ledger, log"},
             Case{"server = 1\n",
                  "hearth.toml:1:1: server must be a table ([server]), but is a whole number"},
             Case{"[server]\nmax_connections = \"many\"\n",
                  "hearth.toml:2:19: [server] max_connections: expected a whole number from 1 to 1000000, "
                  "found a string"},
             Case{"[server]\nmax_connections = 0\n",
                  "hearth.toml:2:19: [server] max_connections: expected a whole number from 1 to 1000000, "
                  "found a whole number"},
             Case{"[server]\nlisten = [\":4327\"]\n",
                  "hearth.toml:2:10: [server] listen: expected HOST:PORT such as \"127.0.0.1:4327\" or "
                  "\"[::1]:4327\"; HOST is "
                  "an address or localhost, found a list"},
             Case{"[policy]\ncloud = \"yes\"\n",
                  "hearth.toml:2:9: [policy] cloud: expected \"allow\" or \"deny\", found a string"},
             Case{"[policy]\noffline = 1\n",
                  "hearth.toml:2:11: [policy] offline: expected true or false, found a whole number"},
             Case{"[route.fallback]\n\"a b\" = []\n",
                  "hearth.toml:2:9: [route] fallback a b: expected under the name of a model, in quotes: "
                  "\"openai/gpt-5.5\", found a list"},
             Case{"[providers.acme.timeouts]\nstal_ms = 1\n",
                  "hearth.toml:2:1: unknown key \"stal_ms\" in [providers.acme] timeouts; did you mean "
                  "\"stall_ms\"?"},
             Case{"[providers.local]\nbase_url = \"http://x\"\n",
                  "hearth.toml:1:12: [providers.local]: expected a name other than local, loopback, lan, "
                  "cloud and auto, which mean "
                  "something already"},
             Case{"[providers.acme]\nbase_url = \"ftp://x\"\n",
                  "hearth.toml:2:12: [providers.acme] base_url: expected an address such as "
                  "\"https://api.example.com/v1\", without "
                  "user, query or fragment, found a string"},
             Case{"[providers.acme.headers]\nHost = \"x\"\n",
                  "hearth.toml:2:8: [providers.acme] headers Host: expected a header that Hearth does not "
                  "set itself (for the key "
                  "there are key_env and key_file), found a string"},
             Case{"[projects.p]\ndeny_places = [\"clouds\"]\n",
                  "hearth.toml:2:15: [projects.p] deny_places: expected a list in which each item is one of "
                  "\"local\", \"loopback\", "
                  "\"lan\", \"cloud\" (\"clouds\" is not), found a list"},
             Case{"[server]\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:1\"]\n",
                  "listen: 127.0.0.1:1 is listed twice"},
         }) {
        CAPTURE(toml);
        CHECK(bad(toml) == error);
    }
    const auto broken = bad("[server]\nlisten = [\n");
    CHECK(broken.starts_with("hearth.toml:"));
    CHECK(broken.find("this is not TOML") != std::string::npos);
}

TEST_CASE("all errors are reported, in the order of the file") {
    const auto report = parse("[log]\nlevel = \"loud\"\n[server]\nmax_body_mb = -1\nlisten = 3\n");
    REQUIRE(report.errors.size() == 3);
    CHECK(report.errors[0].line == 2);
    CHECK(report.errors[1].line == 4);
    CHECK(report.errors[2].line == 5);
    CHECK(report.errors[0].excerpt == "level = \"loud\"");
}

TEST_CASE("wrong variables and flags name themselves; a misspelt variable is a warning") {
    CHECK(bad("", {{"HEARTH_LISTEN", "nowhere"}}).starts_with("HEARTH_LISTEN: expected HOST:PORT"));
    CHECK(bad("", {{"HEARTH_ENGINE_PARALLEL", "x"}}) ==
          "HEARTH_ENGINE_PARALLEL: expected a whole number from 1 to 256");
    CHECK(bad("", {}, {.listen = {"localhost"}}).starts_with("--listen: expected HOST:PORT"));
    CHECK(bad("", {}, {.log_level = "loud"}).starts_with("--log-level: expected \"debug\" or"));
    const auto report = parse("", {{"HEARTH_SERVER_LISEN", "x"}, {"HEARTH_BUILD", "7"}});
    REQUIRE(report.config);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].to_string() ==
          "HEARTH_SERVER_LISEN: no setting has this variable and it is ignored; did you mean "
          "HEARTH_SERVER_LISTEN?");
}

TEST_CASE("a secret in the wrong place is not repeated") {
    const auto report = parse(
        "[providers.acme]\nkey_env = \"sk-live-1234567890\"\n[providers.acme.headers]\nX-Key = \"sk-\\n\"\n");
    REQUIRE(report.errors.size() == 2);
    for (const auto& error : report.errors) {
        CHECK(error.to_string().find("sk-") == std::string::npos);
        CHECK(error.excerpt.empty());
    }
    const auto syntax = parse("[providers.acme]\napi_key = sk-live-1234567890\n");
    REQUIRE_FALSE(syntax.errors.empty());
    CHECK(syntax.errors[0].excerpt.empty());
    CHECK(syntax.errors[0].to_string().find("1234567890") == std::string::npos);
}

TEST_CASE("keys do not go over plain http to another machine") {
    CHECK(bad("[providers.acme]\nbase_url = \"http://llm.example/v1\"\nkey_env = \"ACME_KEY\"\n")
              .find("plain http") != std::string::npos);
    CHECK(good("[providers.acme]\nbase_url = \"http://127.0.0.1:8000/v1\"\nkey_env = \"ACME_KEY\"\n"));
    CHECK(good("[providers.acme]\nbase_url = \"http://192.168.1.7:8000/v1\"\nplace = \"lan\"\n"));
}

TEST_CASE("relative paths start at the file's folder or the home, ~ at the user's") {
    const auto config = good("[ledger]\npath = \"l/x.db\"\n[engine]\nmodels_dirs = [\"../m\", \"/abs\"]\n");
    CHECK(config->ledger_path() == "/home/ada/.hearth/l/x.db");
    CHECK(config->ledger.store == "sqlite");
    CHECK(good("[ledger]\nstore = \"memory\"\n")->ledger.store == "memory");
    CHECK(good("", {{"HEARTH_LEDGER_STORE", "memory"}})->ledger.store == "memory");
    CHECK(config->engine.models_dirs == std::vector<std::filesystem::path>{"/home/ada/m", "/abs"});
}

TEST_CASE("a provider keeps the defaults that it does not set") {
    const auto config =
        good("[providers.acme]\nbase_url = \"https://x.example\"\n[providers.acme.timeouts]\nstall_ms = 7\n");
    const auto limits = config->providers.at("acme").timeouts(config->client.timeouts);
    CHECK(limits.stall == milliseconds(7));
    CHECK(limits.connect == config->client.timeouts.connect);
    CHECK(config->providers.at("acme").enabled);
}

TEST_CASE("a file cut anywhere is an error or a configuration, never a crash") {
    const auto blocks = toml_blocks(read(HEARTH_SOURCE_DIR "/docs/configuration.md"));
    for (const auto& block : blocks) {
        for (std::size_t cut = 0; cut <= block.size(); cut += block.size() > 1500 ? 7 : 1) {
            const auto report = parse(std::string_view(block).substr(0, cut));
            CHECK((report.config == nullptr) == !report.errors.empty());
        }
    }
}

TEST_CASE("a file that would nest without end is refused") {
    std::string deep = "a";
    while (deep.size() < 900'000) deep += ".a";
    CHECK(bad(deep + " = 1\n").find("longer than 8 KiB") != std::string::npos);
    CHECK(bad(std::string(2'000'000, '\n')).find("larger than 1 MiB") != std::string::npos);
    deep.resize(8001);
    CHECK_FALSE(bad(deep + " = 1\n").empty());
    CHECK(bad("a = " + std::string(4000, '[') + "\n").find("this is not TOML") != std::string::npos);
    for (const auto* strange : {"\u00e9 = 1\n", "\u0436\n", "\ufe7f", "a\u00e9 = 1\n"}) {  // found by fuzzing
        CAPTURE(strange);
        CHECK(bad(strange).find("this is not TOML") != std::string::npos);
    }
    CHECK(bad("[server]\n\n  [[ $ ]]\nx = 1\n").find(":3:6: this is not TOML from here on") !=
          std::string::npos);
    CHECK(bad("[)").find(":1:2: this is not TOML from here on") != std::string::npos);
    CHECK(bad("a = 1\n [\x01\n").find(":2:3") != std::string::npos);
    CHECK(bad("a = 1\n [\x01\n").find("control character (byte 1)") != std::string::npos);
}

TEST_CASE("the file that is read: --config, HEARTH_CONFIG, the home's") {
    const auto folder =
        std::filesystem::temp_directory_path() / ("hearth_config_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const Home home{folder};
    CHECK(load(home, Environment(), {}).has_value());  // none is fine
    std::ofstream(folder / "hearth.toml") << "[engine]\nparallel = 2\n";
    std::ofstream(folder / "other.toml") << "[engine]\nparallel = 3\n";
    CHECK((*load(home, Environment(), {}))->engine.parallel == 2);
    CHECK((*load(home, Environment({{"HEARTH_CONFIG", (folder / "other.toml").string()}}), {}))
              ->engine.parallel == 3);
    CHECK((*load(home, Environment(), {.file = folder / "other.toml"}))->engine.parallel == 3);
    const auto missing = load(home, Environment(), {.file = folder / "none.toml"});
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error()->code == Code::config);
    CHECK(missing.error()->message.find("none.toml: cannot be read: No such file") != std::string::npos);
    const auto directory = load(home, Environment(), {.file = folder});
    REQUIRE_FALSE(directory.has_value());
    CHECK(directory.error()->message.find("it is a directory") != std::string::npos);
    std::ofstream(folder / "hearth.toml") << "a = 1\nb = 2\n";
    CHECK(load(home, Environment(), {}).error()->message.find("and 1 more") != std::string::npos);
    std::filesystem::remove_all(folder);
}

}  // namespace config_test
