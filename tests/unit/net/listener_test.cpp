#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

namespace listener_test {

using namespace rig;

namespace {

Task<void> refused(net::Loop& loop) {
    auto listener = listen(loop);
    const auto address = listener->local_address();
    listener->close();
    auto stream = co_await net::connect_to(loop, address, 5s, {});
    REQUIRE_FALSE(stream.has_value());
    CHECK(stream.error()->code == Code::upstream_connect);
    CHECK(stream.error()->message.find(address.to_string()) != std::string::npos);
}

Task<void> first_address_closed(net::Loop& loop) {
    auto closed = listen(loop);
    auto open = listen(loop);
    const auto closed_address = closed->local_address();
    closed->close();
    open->start([](std::unique_ptr<net::Stream>) {});
    auto stream = co_await net::connect_any(loop, {closed_address, open->local_address()}, 1s, 5s, {});
    REQUIRE(stream.has_value());
    CHECK((*stream)->peer() == open->local_address());
}

// A listener whose backlog is full answers no further connection attempt: an unresponsive host on this machine.
Task<void> silent(net::Loop& loop) {
    auto listener = net::Listener::open(loop, *net::Address::parse("127.0.0.1", 0), {.backlog = 0});
    REQUIRE(listener.has_value());
    const auto address = (*listener)->local_address();
    std::vector<std::unique_ptr<net::Stream>> fillers;
    Code code = Code::internal;
    for (int i = 0; i < 4 && code != Code::upstream_timeout; ++i) {
        auto stream = co_await net::connect_to(loop, address, 100ms, {});
        if (stream) {
            fillers.push_back(std::move(*stream));
        } else {
            code = stream.error()->code;
        }
    }
    CHECK(code == Code::upstream_timeout);
    StopSource stop;
    stop.stop(Error{.code = Code::cancelled, .message = "cancelled by the caller"});
    auto stopped = co_await net::connect_to(loop, address, 5s, stop.token());
    CHECK(stopped.error()->code == Code::cancelled);
}

Task<void> descriptors_run_out(net::Loop& loop) {
    int accepted = 0;
    std::vector<std::unique_ptr<net::Stream>> held;
    auto listener = listen(loop);
    listener->start([&](std::unique_ptr<net::Stream> s) {
        ++accepted;
        held.push_back(std::move(s));
    });
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    auto first = co_await dial(loop, listener->local_address());
    auto second = co_await dial(loop, listener->local_address());
    co_await loop.sleep(5ms);
    CHECK(accepted == 2);
    listener->pause();
    auto third =
        co_await dial(loop, listener->local_address());  // in the backlog; then no descriptor is left for it
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(third->fd()) + 1;
    ::setrlimit(RLIMIT_NOFILE, &tight);
    listener->resume();
    co_await loop.sleep(30ms);
    const int while_tight = accepted;
    ::setrlimit(RLIMIT_NOFILE, &before);
    co_await loop.sleep(300ms);  // it pauses, then accepts the waiting connection
    CHECK(while_tight == 2);
    CHECK(accepted == 3);
}

std::string path_for(std::string_view name) {
    return std::string(HEARTH_BINARY_DIR) + "/" + std::string(name) + std::to_string(::getpid());
}

}  // namespace

TEST_CASE("refused, timed-out and cancelled connections have distinct errors") {
    net::Loop loop;
    run(loop, refused(loop));
    run(loop, first_address_closed(loop));
    run(loop, silent(loop));
}

TEST_CASE("accepting pauses when descriptors run out, then resumes") {
    net::Loop loop;
    run(loop, descriptors_run_out(loop));
}

TEST_CASE("a port in use is a conflict error that names it") {
    net::Loop loop;
    auto first = listen(loop);
    auto second = net::Listener::open(loop, first->local_address());
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error()->code == Code::conflict);
    CHECK(second.error()->message.find(first->local_address().to_string()) != std::string::npos);
    CHECK(second.error()->message.find("--listen") != std::string::npos);
    auto foreign = net::Listener::open(
        loop, *net::Address::parse("192.0.2.1", 0));  // RFC 5737: reserved for documentation
    CHECK(foreign.error()->code == Code::config);
}

TEST_CASE("a stale Unix socket is replaced; a live one and a regular file are not") {
    net::Loop loop;
    const auto path = path_for("sock");
    ::unlink(path.c_str());
    const auto address = net::Address::local(path);
    auto first = net::Listener::open(loop, address);
    REQUIRE(first.has_value());
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    auto second = net::Listener::open(loop, address);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error()->code == Code::conflict);
    // As a killed process leaves it: a socket file without a listener.
    const auto left = path_for("left");
    ::unlink(left.c_str());
    auto invalid = net::Listener::open(loop, net::Address::local(left));
    REQUIRE(invalid.has_value());
    REQUIRE(::link(left.c_str(), (left + "x").c_str()) == 0);
    (*invalid)->close();
    CHECK(::access(left.c_str(), F_OK) != 0);
    auto replaced = net::Listener::open(loop, net::Address::local(left + "x"));
    CHECK(replaced.has_value());
}

TEST_CASE("listen addresses are parsed") {
    CHECK(net::parse_listen_address("127.0.0.1:4327")->to_string() == "127.0.0.1:4327");
    CHECK(net::parse_listen_address("[::1]:0")->to_string() == "[::1]:0");
    CHECK(net::parse_listen_address(":80")->to_string() == "127.0.0.1:80");
    CHECK(net::parse_listen_address("*:80")->to_string() == "0.0.0.0:80");
    CHECK(net::parse_listen_address("localhost:1")->to_string() == "127.0.0.1:1");
    CHECK(net::parse_listen_address("unix:/a/b")->to_string() == "unix:/a/b");
    for (const char* bad : {"", "80", "host", "example.com:80", "::1:80", "127.0.0.1:", "127.0.0.1:65536",
                            "127.0.0.1:1x", "unix:", "[127.0.0.1]:1"}) {
        CAPTURE(bad);
        CHECK_FALSE(net::parse_listen_address(bad).has_value());
    }
}

}  // namespace listener_test
