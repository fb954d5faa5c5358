#include "telemetry/metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <thread>

namespace metrics_test {

using namespace hearth::telemetry;

TEST_CASE("a counter with labels is exposed as Prometheus text") {
    Registry registry;
    auto& family =
        registry.counter("hearth_requests_total", "Requests, by place\nand status.", {"place", "status"});
    family.with({"local", "200"}).add();
    family.with({"local", "200"}).add(2);
    family.with({"cl\"o\\ud", "5\n0"}).add();
    CHECK(registry.expose() ==
          "# HELP hearth_requests_total Requests, by place\\nand status.\n"
          "# TYPE hearth_requests_total counter\n"
          "hearth_requests_total{place=\"cl\\\"o\\\\ud\",status=\"5\\n0\"} 1\n"
          "hearth_requests_total{place=\"local\",status=\"200\"} 3\n");
}

TEST_CASE("a gauge goes up and down; a computed gauge is read on exposition") {
    Registry registry;
    registry.gauge("b_open", "Open.").with().add(5);
    registry.gauge("b_open", "Open.").with().add(-7);
    registry.gauge_from("a_computed", "Computed.", [] { return 1.5; });
    CHECK(registry.expose() ==
          "# HELP a_computed Computed.\n# TYPE a_computed gauge\na_computed 1.5\n"
          "# HELP b_open Open.\n# TYPE b_open gauge\nb_open -2\n");
}

TEST_CASE("histogram buckets are cumulative with inclusive bounds") {
    Registry registry;
    auto& histogram = registry.histogram("t_seconds", "T.", {0.1, 1}, {"m"}).with({"x"});
    for (const double value : {0.05, 0.1, 0.5, 2.0, std::nan("")}) histogram.observe(value);
    CHECK(histogram.count() == 4);
    CHECK(registry.expose() ==
          "# HELP t_seconds T.\n# TYPE t_seconds histogram\n"
          "t_seconds_bucket{m=\"x\",le=\"0.1\"} 2\n"
          "t_seconds_bucket{m=\"x\",le=\"1\"} 3\n"
          "t_seconds_bucket{m=\"x\",le=\"+Inf\"} 4\n"
          "t_seconds_sum{m=\"x\"} 2.65\n"
          "t_seconds_count{m=\"x\"} 4\n");
}

TEST_CASE("the number of series is bounded; further label values share one series") {
    Family<Counter> family("c_total", "C.", {"id"}, 4);
    for (int i = 0; i < 100; ++i) family.with({std::to_string(i)}).add();
    std::string text;
    family.expose(text);
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = text.find("c_total{", at)) != std::string::npos; ++at) ++lines;
    CHECK(lines == 4);
    CHECK(text.find("c_total{id=\"other\"} 97\n") != std::string::npos);
    CHECK(family.with({"0"}).value() == 1);
}

TEST_CASE("references to series stay valid; missing label values are empty") {
    Family<Counter> family("c_total", "C.", {"a", "b"});
    auto& first = family.with({"x"});
    for (int i = 0; i < 50; ++i) family.with({"y", std::to_string(i)});
    CHECK(&first == &family.with({"x", ""}));
}

TEST_CASE("add_shared is exact across threads") {
    Counter counter;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 10'000; ++i) counter.add_shared();
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(counter.value() == 40'000);
}

TEST_CASE("process metrics are exposed with positive values") {
    Registry registry;
    register_process_metrics(registry);
    const auto text = registry.expose();
    for (const auto* name : {"process_resident_memory_bytes ", "process_cpu_seconds_total ",
                             "process_open_fds ", "process_start_time_seconds "}) {
        const auto at = text.find(std::string("\n") + name);
        REQUIRE(at != std::string::npos);
        CHECK(std::stod(text.substr(at + 1 + std::strlen(name))) > 0);
    }
}

}  // namespace metrics_test
