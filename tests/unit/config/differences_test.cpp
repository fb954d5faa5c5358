#include "config/differences.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "config/schema.h"

namespace config_differences_test {

using namespace hearth;
using namespace hearth::config;

namespace {

const Home kHome{"/home/ada/.hearth"};

Config parse(std::string_view toml) {
    const auto report = check_text(kHome, Environment(), {}, toml, "hearth.toml");
    for (const auto& error : report.errors) MESSAGE(error.to_string());
    REQUIRE(report.config);
    return *report.config;
}

// "[route] auto" or, when it needs a restart, "[server] listen!"
std::vector<std::string> changed(std::string_view before, std::string_view after) {
    std::vector<std::string> keys;
    for (const auto& one : differences(parse(before), parse(after)))
        keys.push_back(one.key + (one.needs_restart ? "!" : ""));
    return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("configurations with the same values do not differ, however they are written") {
    CHECK(changed("", "").empty());
    CHECK(changed("", "[server]\nlisten = [\"127.0.0.1:4327\"]\nmax_body_mb = 64\n[policy]\n").empty());
    CHECK(changed("[route]\nauto = [\"local\"]\n", "[route]\nauto = [ \"local\" ] # now\n").empty());
    const auto* full =
        "[providers.acme]\nbase_url = \"https://x.example\"\n[providers.acme.headers]\nX-Team = \"a\"\n"
        "[route.fallback]\n\"a\" = [\"b\"]\n[projects.p]\ndeny_places = [\"lan\"]\n";
    CHECK(changed(full, full).empty());
}

TEST_CASE("each changed key is named once, with whether it needs a restart") {
    CHECK(changed("", "[server]\nlisten = [\"127.0.0.1:1\"]\nrequire_keys = true\n") ==
          Keys{"[server] listen!", "[server] require_keys"});
    CHECK(changed("", "[policy]\noffline = true\ncloud = \"deny\"\n") ==
          Keys{"[policy] offline", "[policy] cloud"});
    CHECK(changed("", "[client]\nstall_ms = 1\nidle_connections = 1\n") ==
          Keys{"[client] stall_ms", "[client] idle_connections!"});
    CHECK(changed("",
                  "[route]\nauto = [\"cloud\"]\n[route.fallback]\n\"a\" = [\"b\"]\n"
                  "[route.aliases]\n\"c*\" = \"d\"\n") ==
          Keys{"[route] auto", "[route.fallback]", "[route.aliases]"});
    CHECK(changed("[ledger]\npath = \"a.db\"\n[log]\nlevel = \"warn\"\n", "") ==
          Keys{"[ledger] path!", "[log] level"});
    CHECK(changed("[engine]\nparallel = 2\nmodels_dirs = [\"a\"]\n",
                  "[engine]\nparallel = 3\nmodels_dirs = [\"a\", \"b\"]\n") ==
          Keys{"[engine] parallel!", "[engine] models_dirs"});
}

TEST_CASE("projects and providers that come, go or change are named by their tables") {
    CHECK(
        changed(
            "[projects.a]\n[projects.b]\ndeny_places = [\"lan\"]\n",
            "[projects.b]\ndeny_places = [\"lan\", \"cloud\"]\n[projects.c]\nallow_providers = [\"x\"]\n") ==
        Keys{"[projects.a]", "[projects.b] deny_places", "[projects.c] allow_providers"});
    CHECK(changed("[providers.acme]\nbase_url = \"https://x.example\"\nkey_env = \"A\"\n",
                  "[providers.acme]\nbase_url = \"https://x.example\"\nkey_env = \"B\"\n"
                  "[providers.acme.timeouts]\nstall_ms = 5\n"
                  "[providers.acme.headers]\nX-Team = \"secret\"\n[providers.\"b.c\"]\nenabled = false\n") ==
          Keys{"[providers.acme] key_env", "[providers.acme.headers]", "[providers.acme.timeouts] stall_ms",
               "[providers.\"b.c\"] enabled"});
}

TEST_CASE("another home needs a restart") {
    const auto before = parse("");
    auto after = before;
    after.home.root = "/elsewhere";
    CHECK(differences(before, after) ==
          std::vector<Difference>{{.key = "HEARTH_HOME", .needs_restart = true}});
}

TEST_CASE("what is applied while running is everything but the keys that need a restart") {
    const auto running = parse(
        "[server]\nlisten = [\"127.0.0.1:1\"]\n[ledger]\npath = \"a.db\"\n"
        "[projects.old]\ndeny_places = [\"lan\"]\n");
    const auto wanted = parse(
        "[server]\nlisten = [\"127.0.0.1:2\"]\nallowed_hosts = [\"h.example\"]\n"
        "[ledger]\npath = \"b.db\"\n[policy]\noffline = true\n[projects.new]\n");
    const auto merged = apply_without_restart(running, wanted);
    CHECK(merged.server.listen == running.server.listen);
    CHECK(merged.ledger_path() == running.ledger_path());
    CHECK(merged.server.allowed_hosts == wanted.server.allowed_hosts);
    CHECK(merged.policy.offline);
    CHECK(merged.projects.size() == 1);
    CHECK(merged.projects.contains("new"));
    CHECK(merged.home.root == running.home.root);
    // What is left is what waits for a restart: a second reload reports it again.
    CHECK(differences(merged, wanted) ==
          std::vector<Difference>{{.key = "[server] listen", .needs_restart = true},
                                  {.key = "[ledger] path", .needs_restart = true}});
    for (const auto& one : differences(running, merged)) CHECK_FALSE(one.needs_restart);
}

TEST_CASE("every row of the schema can be compared, and projects and providers are applied while running") {
    Config config;
    Project project;
    Provider provider;
    std::vector<Field> named = project_fields(project);
    std::ranges::move(provider_fields(provider, {}), std::back_inserter(named));
    const auto comparable = [](const Field& field) {
        CAPTURE(field.name);
        CHECK((field.storage.at != nullptr || !field.members.empty()));
    };
    for (const auto& field : named) {
        comparable(field);
        for (const auto& member : field.members) CHECK(member.storage.at);
        // apply_without_restart() keeps no row of these: a provider may not even exist on both sides.
        CHECK_FALSE(field.needs_restart);
    }
    for (const auto& section : fixed_sections(config, {})) {
        for (const auto& field : section.fields) comparable(field);
    }
}

TEST_CASE("a configuration can be loaded again, and a bad file says where and changes nothing") {
    const auto folder =
        std::filesystem::temp_directory_path() / ("hearth_reload_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const Home home{folder};
    const Environment env({{"HEARTH_LOG_LEVEL", "warn"}});
    const Flags flags{.listen = {"127.0.0.1:5"}, .offline = true};
    std::ofstream(folder / "hearth.toml") << "[route]\nauto = [\"local\"]\n";
    const auto first = load(home, env, flags);
    REQUIRE(first.has_value());
    CHECK(differences(**first, **load(home, env, flags)).empty());

    std::ofstream(folder / "hearth.toml") << "[route]\nauto = [\"cloud\"]\n[log]\nlevel = \"debug\"\n";
    const auto second = load(home, env, flags);
    REQUIRE(second.has_value());  // flags and variables still win
    CHECK(differences(**first, **second) == std::vector<Difference>{{.key = "[route] auto"}});

    std::ofstream(folder / "hearth.toml") << "[route]\nautp = []\n";
    const auto bad = load(home, env, flags);
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error()->message.find("hearth.toml:2:1: unknown key \"autp\" in [route]") != std::string::npos);
    CHECK((*first)->route.automatic == Keys{"local"});
    CHECK(std::ranges::distance(std::filesystem::directory_iterator(folder)) == 1);  // nothing was written
    std::filesystem::remove_all(folder);
}

}  // namespace config_differences_test
