#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "base/time.h"

namespace base_test {

using namespace hearth;

namespace {
Task<int> add(int a, int b) {
    co_return a + b;
}
Task<void> sum_into(int* out, Promised<int>* wait) {
    const int first = co_await add(1, 2);
    const int second = co_await *wait;
    *out = first + second;
}
}  // namespace

TEST_CASE("a task runs until its first suspension and resumes when the value is set") {
    int out = 0;
    Promised<int> wait;
    spawn(sum_into(&out, &wait));
    CHECK(out == 0);
    wait.set(39);
    CHECK(out == 42);
}

TEST_CASE("stop callbacks run once, in order, and never after they are destroyed") {
    StopSource source;
    std::vector<int> ran;
    StopCallback one(source.token(), [&] { ran.push_back(1); });
    {
        StopCallback two(source.token(), [&] { ran.push_back(2); });
    }
    StopCallback three(source.token(), [&] { ran.push_back(3); });
    source.stop(Error{.code = Code::cancelled, .message = "client went away"});
    source.stop(Error{});
    CHECK(ran == std::vector<int>{1, 3});
    StopCallback late(source.token(), [&] { ran.push_back(4); });
    CHECK(ran.back() == 4);
    CHECK(source.token().reason().code == Code::cancelled);
}

TEST_CASE("ids are prefixed, long and unique; times are formatted as RFC 3339") {
    const auto a = make_id("req_", system_random());
    const auto b = make_id("req_", system_random());
    CHECK(a.starts_with("req_"));
    CHECK(a.size() == 30);
    CHECK(a != b);
    CHECK(to_rfc3339(Wall{milliseconds{1'795'359'628'123}}) == "2026-11-22T15:00:28.123Z");
}

TEST_CASE("error codes have an HTTP status and a name") {
    CHECK(http_status(Code::loop_detected) == 508);
    CHECK(http_status(Code::context_exceeded) == 400);
    CHECK(code_name(Code::internal) == "internal");
}

}  // namespace base_test
