#include <csignal>
#include <thread>

#include "rig.h"

namespace loop_test {

using namespace rig;

TEST_CASE("a posted callback runs on the loop's thread, in order") {
    net::Loop loop;
    std::string order;
    std::thread::id where;
    std::thread other([&] {
        for (const char c : {'a', 'b', 'c'}) loop.post([&order, c] { order.push_back(c); });
        loop.post([&] {
            where = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    other.join();
    CHECK(order == "abc");
    CHECK(where == std::this_thread::get_id());
}

namespace {
Task<void> sleeper(net::Loop& loop, std::vector<int>& order, int id, nanoseconds how_long, StopToken stop) {
    co_await loop.sleep(how_long, stop);
    order.push_back(id);
}

Task<void> three_sleeps(net::Loop& loop, std::vector<int>& order) {
    StopSource source;
    spawn(sleeper(loop, order, 2, 20ms, {}));
    spawn(sleeper(loop, order, 1, 10ms, {}));
    spawn(sleeper(loop, order, 0, 1h, source.token()));
    source.stop({});
    co_await loop.sleep(60ms);
}
}  // namespace

TEST_CASE("sleeps end in order of their times, and early when stopped") {
    net::Loop loop;
    std::vector<int> order;
    run(loop, three_sleeps(loop, order));
    CHECK(order == std::vector{0, 1, 2});
}

namespace {
struct Timing {
    Mono fired{};
    int times = 0;
};

Task<void> deadlines(net::Loop& loop, Timing& early, Timing& late, Timing& never, Timing& far) {
    const auto begin = loop.now();
    net::Deadline a(loop, [&] { early = {loop.now(), early.times + 1}; });
    net::Deadline b(loop, [&] { late = {loop.now(), late.times + 1}; });
    net::Deadline c(loop, [&] { ++never.times; });
    net::Deadline d(loop, [&] { ++far.times; });
    a.arm_in(200ms);
    a.arm_in(30ms);  // earlier than before
    b.arm_in(10ms);
    b.arm_in(150ms);  // later than before: the wheel checks it once too early
    c.arm_in(10ms);
    c.disarm();
    d.arm_in(10h);  // more than a turn of the wheel
    co_await loop.sleep(400ms);
    CHECK(early.fired >= begin + 30ms);
    CHECK(late.fired >= begin + 150ms);
    CHECK(d.armed());
    CHECK_FALSE(a.armed());
}
}  // namespace

TEST_CASE("a deadline fires once, never early, and can be moved both ways") {
    net::Loop loop;
    Timing early, late, never, far;
    run(loop, deadlines(loop, early, late, never, far));
    CHECK(early.times == 1);
    CHECK(late.times == 1);
    CHECK(never.times == 0);
    CHECK(far.times == 0);
}

TEST_CASE("a deadline may destroy itself") {
    net::Loop loop;
    std::unique_ptr<net::Deadline> deadline;
    deadline = std::make_unique<net::Deadline>(loop, [&] {
        loop.stop();
        deadline.reset();
    });
    deadline->arm_in(1ms);
    loop.run();
    CHECK(deadline == nullptr);
}

namespace {
Task<void> blocking(net::Loop& loop) {
    const auto loop_thread = std::this_thread::get_id();
    const auto job = [loop_thread]() -> Result<int> {
        return std::this_thread::get_id() == loop_thread ? 0 : 42;
    };
    auto got = co_await loop.run_blocking(job);
    CHECK(got.value() == 42);
    CHECK(std::this_thread::get_id() == loop_thread);
    const auto failing = []() -> Result<int> { return fail(Code::storage, "no disk"); };
    auto failed = co_await loop.run_blocking(failing);
    CHECK(failed.error()->code == Code::storage);
}

Task<void> one_job(net::Loop& loop, std::mutex& gate, int& ran, int& refused) {
    const auto job = [&gate]() -> Result<int> {
        const std::lock_guard lock(gate);
        return 1;
    };
    auto got = co_await loop.run_blocking(job);
    if (got) ++ran;
    if (!got && got.error()->code == Code::overloaded) ++refused;
}

Task<void> too_many_jobs(net::Loop& loop, int& ran, int& refused) {
    std::mutex gate;
    gate.lock();  // no job ends before all are submitted
    for (int i = 0; i < 20; ++i) spawn(one_job(loop, gate, ran, refused));
    const int refused_at_once = refused;
    gate.unlock();
    while (ran + refused < 20) co_await loop.sleep(1ms);
    CHECK(refused_at_once >= 20 - 4 - 1);
}
}  // namespace

TEST_CASE("blocking jobs run on a worker thread and return their result on the loop") {
    net::Loop loop;
    run(loop, blocking(loop));
}

TEST_CASE("the queue of blocking jobs is bounded") {
    net::Loop loop({.workers = 1, .queued_jobs = 4});
    int ran = 0, refused = 0;
    run(loop, too_many_jobs(loop, ran, refused));
    CHECK(ran >= 4);
    CHECK(ran + refused == 20);
}

TEST_CASE("a signal runs its callback on the loop") {
    net::Loop loop;
    int hups = 0;
    loop.on_signal(SIGHUP, [&] { ++hups; });
    loop.on_signal(SIGTERM, [&] { loop.stop(); });
    ::raise(SIGHUP);
    ::raise(SIGTERM);
    loop.run();
    CHECK(hups == 1);
}

TEST_CASE("deferred work runs once, at the end of the tick") {
    net::Loop loop;
    std::string order;
    net::Deferred work(loop, [&] { order += "d"; });
    net::Deferred last(loop, [&] { loop.stop(); });
    loop.post([&] {
        work.schedule();
        work.schedule();
        order += "1";
    });
    loop.post([&] {
        order += "2";
        last.schedule();
    });
    loop.run();
    CHECK(order == "12d");
}

}  // namespace loop_test
