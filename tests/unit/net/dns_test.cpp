#include <atomic>
#include <condition_variable>

#include "rig.h"

namespace dns_test {

using namespace rig;

namespace {

using Answer = Result<std::vector<net::Address>>;

Task<void> literals(net::Loop& loop) {
    std::atomic<int> lookups = 0;
    net::Resolver::Options options;
    options.lookup = [&](const std::string&) -> Answer {
        ++lookups;
        return fail(Code::upstream_connect, "no");
    };
    net::Resolver resolver(loop, options);
    auto four = co_await resolver.resolve("127.0.0.1", 80, {});
    CHECK(four->front().to_string() == "127.0.0.1:80");
    auto six = co_await resolver.resolve("::1", 80, {});
    CHECK(six->front().to_string() == "[::1]:80");
    auto local = co_await resolver.resolve("x.localhost", 81, {});
    CHECK(local->front().to_string() == "127.0.0.1:81");
    CHECK(lookups == 0);
}

Task<void> ask(net::Resolver& resolver, std::string host, int& answered, StopToken stop, Answer* out) {
    auto got = co_await resolver.resolve(std::move(host), 443, std::move(stop));
    ++answered;
    if (out != nullptr) *out = std::move(got);
}

Task<void> shared_and_cached(net::Loop& loop) {
    std::atomic<int> lookups = 0;
    net::Resolver::Options options;
    options.lookup = [&](const std::string&) -> Answer {
        ++lookups;
        return std::vector{*net::Address::parse("192.0.2.7", 0)};
    };
    net::Resolver resolver(loop, options);
    int answered = 0;
    for (int i = 0; i < 10; ++i) spawn(ask(resolver, "example.test", answered, {}, nullptr));
    CHECK(answered == 0);  // the loop did not wait
    while (answered < 10) co_await loop.sleep(1ms);
    CHECK(lookups == 1);
    auto again = co_await resolver.resolve("example.test", 8443, {});
    CHECK(again->front().to_string() == "192.0.2.7:8443");
    CHECK(lookups == 1);
}

// A name server that answers only on request: shared with the lookup's thread, which may outlive the test's frame.
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    void wait() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return open; });
    }
    void release() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
};

Task<void> silent_server(net::Loop& loop) {
    auto gate = std::make_shared<Gate>();
    net::Resolver::Options options;
    options.timeout = 60ms;
    options.threads = 1;
    options.queued = 1;
    options.lookup = [gate](const std::string& host) -> Answer {
        gate->wait();
        return fail(Code::upstream_connect, host + " is unknown");
    };
    net::Resolver resolver(loop, options);
    auto late = co_await resolver.resolve("slow.test", 80, {});
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error()->code == Code::upstream_connect);
    CHECK(late.error()->message.find("slow.test") != std::string::npos);
    StopSource stop;
    int answered = 0;
    Answer stopped = fail(Code::internal, "");
    spawn(ask(resolver, "other.test", answered, stop.token(), &stopped));  // waits in the queue
    auto full = co_await resolver.resolve("third.test", 80, {});
    CHECK(full.error()->code == Code::overloaded);
    stop.stop(Error{.code = Code::cancelled, .message = "given up"});
    CHECK(answered == 1);
    CHECK(stopped.error()->code == Code::cancelled);
    gate->release();
}

Task<void> unknown_name(net::Loop& loop) {
    net::Resolver resolver(loop);
    auto got = co_await resolver.resolve("no-such-host.invalid", 80, {});  // RFC 6761: never exists
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error()->code == Code::upstream_connect);
    CHECK(got.error()->message.find("no-such-host.invalid") != std::string::npos);
}

}  // namespace

TEST_CASE("literals and localhost need no lookup") {
    net::Loop loop;
    run(loop, literals(loop));
}

TEST_CASE("concurrent requests share one lookup and its answer is cached") {
    net::Loop loop;
    run(loop, shared_and_cached(loop));
}

TEST_CASE("a name server that does not answer blocks neither the loop nor exit") {
    net::Loop loop;
    run(loop, silent_server(loop));
}

TEST_CASE("a name that does not exist is an error that names it") {
    net::Loop loop;
    run(loop, unknown_name(loop));
}

}  // namespace dns_test
