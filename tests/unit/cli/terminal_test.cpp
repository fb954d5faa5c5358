#include "cli/terminal.h"

#include <doctest/doctest.h>

#include <clocale>

namespace terminal_test {

using namespace hearth::cli;
using std::chrono::milliseconds;

TEST_CASE("terminal: money is exact without trailing zeros") {
    CHECK(human_money(std::nullopt) == "unknown");
    CHECK(human_money(0) == "$0");
    CHECK(human_money(150) == "$0.00000015");
    CHECK(human_money(1) == "$0.000000001");
    CHECK(human_money(1'000'000'000) == "$1.00");
    CHECK(human_money(1'234'500'000) == "$1.2345");
    CHECK(human_money(-2'500'000'000) == "-$2.50");
    CHECK(human_money(INT64_MAX) == "$9223372036.854775807");
    CHECK(human_money(INT64_MIN + 1) == "-$9223372036.854775807");
}

TEST_CASE("terminal: durations and counts are formatted") {
    CHECK(human_duration(milliseconds(0)) == "0 ms");
    CHECK(human_duration(milliseconds(999)) == "999 ms");
    CHECK(human_duration(milliseconds(3140)) == "3.1 s");
    CHECK(human_duration(milliseconds(250'000)) == "4m 10s");
    CHECK(human_duration(milliseconds(7'500'000)) == "2h 5m");
    CHECK(human_duration(milliseconds(180'000'000)) == "2d 2h");
    CHECK(human_count(0) == "0");
    CHECK(human_count(999) == "999");
    CHECK(human_count(1000) == "1,000");
    CHECK(human_count(1234567) == "1,234,567");
    CHECK(human_count(-123) == "-123");
    CHECK(human_count(-1234) == "-1,234");
}

TEST_CASE("terminal: tables align by display width") {
    (void)std::setlocale(LC_CTYPE, "C.UTF-8");
    Table table({{"MODEL"}, {"SIZE", true}, {"WHAT"}});
    CHECK(table.empty());
    table.add({"spark", "5 MiB", "x"});
    table.add({"größer", "12 MiB", "yy"});
    CHECK(table.render() ==
          "MODEL     SIZE  WHAT\n"
          "spark    5 MiB  x\n"
          "größer  12 MiB  yy\n");
    CHECK(display_width("日本") == 4);
}

TEST_CASE("terminal: the progress line has progress, rate and remaining time, and fits the width") {
    const auto mib = 1024ULL * 1024;
    CHECK(ProgressBar::line("a.gguf", 512 * mib, 1024 * mib, 64.0 * 1024 * 1024, 100) ==
          "a.gguf [############............]  50%  512 MiB of 1.0 GiB  64 MiB/s  8.0 s left");
    CHECK(ProgressBar::line("a.gguf", 5, 0, 0, 100) == "a.gguf  5 B");
    CHECK(ProgressBar::line("store a.gguf", 0, 0, 0, 100) == "store a.gguf");
    for (std::size_t width = 1; width < 120; ++width) {
        CHECK(ProgressBar::line("a-rather-long-name-of-a-file.gguf", 3 * mib, 7 * mib, 1e6, width).size() <=
              width);
    }
    CHECK(ProgressBar::line("x", 10, 10, 1, 100).find("100%") != std::string::npos);
    CHECK(ProgressBar::line("x", 20, 10, 1, 100).find("100%") !=
          std::string::npos);  // a server that sends too much
}

}  // namespace terminal_test
