#include "config/home.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <fstream>

namespace home_test {

using namespace hearth;
using namespace hearth::config;

namespace {
class TemporaryHome {
  public:
    TemporaryHome()
        : home_{std::filesystem::temp_directory_path() / ("hearth_home_" + std::to_string(getpid()))} {}
    ~TemporaryHome() { std::filesystem::remove_all(home_.root); }
    const Home& operator*() const { return home_; }
    const Home* operator->() const { return &home_; }

  private:
    Home home_;
};
}  // namespace

TEST_CASE("the home is HEARTH_HOME, else ~/.hearth") {
    CHECK(Home::find(Environment({{"HEARTH_HOME", "/x/y/"}, {"HOME", "/home/ada"}}))->config_file() ==
          "/x/y/hearth.toml");
    CHECK(Home::find(Environment({{"HOME", "/home/ada"}}))->root == "/home/ada/.hearth");
    CHECK(Home::find(Environment({{"HEARTH_HOME", "here"}})).error()->message.find("absolute") !=
          std::string::npos);
    CHECK(Home::find(Environment()).error()->code == Code::config);
}

TEST_CASE("a home that cannot be made says which and why") {
    const TemporaryHome home;
    REQUIRE(home->create().has_value());
    REQUIRE(home->create().has_value());
    CHECK((std::filesystem::status(home->root).permissions() & std::filesystem::perms(0077)) ==
          std::filesystem::perms::none);
    std::ofstream(home->root / "file") << "x";
    const auto made = Home{home->root / "file" / "sub"}.create();
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error()->code == Code::storage);
    CHECK(made.error()->message.find((home->root / "file" / "sub").string()) != std::string::npos);
}

TEST_CASE("one daemon per home") {
    const TemporaryHome home;
    REQUIRE(home->create().has_value());
    CHECK_FALSE(running_daemon(*home).has_value());
    {
        const auto lock = DaemonLock::acquire(*home);
        REQUIRE(lock.has_value());
        const auto second = DaemonLock::acquire(*home);
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error()->code == Code::conflict);
        CHECK(second.error()->message.find(std::to_string(getpid())) != std::string::npos);
        CHECK(running_daemon(*home)->address.empty());
        REQUIRE(lock->publish("127.0.0.1:4327").has_value());
        CHECK(running_daemon(*home)->address == "127.0.0.1:4327");
        CHECK(running_daemon(*home)->pid == getpid());
    }
    CHECK_FALSE(running_daemon(*home).has_value());
    CHECK_FALSE(std::filesystem::exists(home->address()));
    CHECK(DaemonLock::acquire(*home).has_value());
}

TEST_CASE("a daemon that was killed leaves nothing in the way") {
    const TemporaryHome home;
    REQUIRE(home->create().has_value());
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = DaemonLock::acquire(*home);
        const bool good = lock && lock->publish("127.0.0.1:9");
        (void)!::write(ready[1], good ? "y" : "n", 1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    REQUIRE(::read(ready[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    CHECK(running_daemon(*home)->pid == child);
    CHECK_FALSE(DaemonLock::acquire(*home).has_value());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK_FALSE(running_daemon(*home).has_value());
    CHECK(std::filesystem::exists(home->address()));  // stale
    const auto lock = DaemonLock::acquire(*home);
    REQUIRE(lock.has_value());
    CHECK_FALSE(std::filesystem::exists(home->address()));
    (void)::close(ready[0]);
    (void)::close(ready[1]);
}

}  // namespace home_test
