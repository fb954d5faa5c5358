#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "net/process.h"
#include "rig.h"

namespace process_test {

using namespace rig;

namespace {

net::SpawnOptions shell(std::string script) {
    net::SpawnOptions options;
    options.program = "/bin/sh";
    options.args = {"-c", std::move(script)};
    return options;
}

Task<void> exits(net::Loop& loop) {
    auto child = net::Process::spawn(loop, shell("exit 3"));
    REQUIRE(child.has_value());
    const auto status = co_await (*child)->wait();
    CHECK(status == net::ExitStatus{.code = 3});
    CHECK_FALSE((*child)->running());
    CHECK(status.to_string() == "exit code 3");

    auto killed = net::Process::spawn(loop, shell("exec sleep 1000"));
    REQUIRE(killed.has_value());
    (*killed)->kill(SIGKILL);
    const auto how = co_await (*killed)->wait();
    CHECK(how == net::ExitStatus{.signal = SIGKILL});
}

// The child gets exactly what was passed: environment, descriptors 3 and 4, default signals.
Task<void> inherits(net::Loop& loop) {
    auto pair = net::make_pair_with_child(loop);
    REQUIRE(pair.has_value());
    auto& [ours, theirs] = *pair;
    const net::Fd leak(
        ::open("/dev/null", O_RDONLY));  // not close-on-exec: must not be inherited all the same
    auto options = shell(
        "echo \"$GREETING/$HOME\"; ls /proc/self/fd | sort -n | tr '\\n' ' '; read line <&3; echo \"got "
        "$line\"");
    options.env = {"GREETING=hello", "PATH=/usr/bin:/bin"};
    options.inherit = {theirs.get(), theirs.get()};
    options.stdout_fd = theirs.get();
    auto child = net::Process::spawn(loop, options);
    REQUIRE(child.has_value());
    theirs.close();
    const bool sent = co_await write(*ours, "a line\n");
    CHECK(sent);
    const auto said = co_await read_to_end(*ours);  // ends when no other copy of the descriptor is open
    const auto status = co_await (*child)->wait();
    CHECK(status.clean());
    CHECK(said.find("hello/\n") == 0);
    CHECK(said.find("0 1 2 3 4 5 ") != std::string::npos);  // 5 is ls's own view of the directory
    CHECK(said.find(" 6") == std::string::npos);
    CHECK(said.find("got a line") != std::string::npos);
}

Task<void> destroyed(net::Loop& loop) {
    auto child = net::Process::spawn(loop, shell("exec sleep 1000"));
    REQUIRE(child.has_value());
    const int pid = (*child)->pid();
    child->reset();
    CHECK(::kill(pid, 0) != 0);  // killed and reaped
    co_await loop.sleep(1ms);
}

}  // namespace

TEST_CASE("wait reports the exit code or the signal") {
    net::Loop loop;
    run(loop, exits(loop));
}

TEST_CASE("a child inherits only the named descriptors") {
    net::Loop loop;
    run(loop, inherits(loop));
}

TEST_CASE("a child is killed when its Process is destroyed") {
    net::Loop loop;
    run(loop, destroyed(loop));
}

TEST_CASE("a program that does not exist is an error") {
    net::Loop loop;
    net::SpawnOptions options;
    options.program = "/no/such/program";
    auto child = net::Process::spawn(loop, options);
    REQUIRE_FALSE(child.has_value());
    CHECK(child.error()->code == Code::config);
    CHECK(child.error()->message.find("/no/such/program") != std::string::npos);
}

}  // namespace process_test
