#include "telemetry/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <type_traits>

namespace log_test {

using namespace hearth::telemetry;

namespace {
class FixedClock final : public hearth::Clock {
  public:
    hearth::Mono mono() const override { return {}; }
    hearth::Wall wall() const override { return hearth::Wall(hearth::milliseconds(1795360528123)); }
};
FixedClock fixed;
}  // namespace

static_assert(!std::is_constructible_v<Field, const char (&)[4], const hearth::Secret&>,
              "a secret is not a field");

TEST_CASE("a text line has time of day, level, message and fields") {
    const Log log(Level::info, Format::text, fixed);
    CHECK(log.render(Level::warn, "it failed", {{"provider", "openai"}, {"status", 500}, {"again", true}}) ==
          "15:15:28.123 warn  it failed provider=openai status=500 again=true\n");
    CHECK(log.render(Level::info, "x", {{"a", "two words"}, {"b", ""}, {"c", "k=v"}, {"d", 0.5}}) ==
          "15:15:28.123 info  x a=\"two words\" b=\"\" c=\"k=v\" d=0.5\n");
}

TEST_CASE("a JSON line has time, level, message and fields") {
    const Log log(Level::info, Format::json, fixed);
    CHECK(log.render(Level::error, "no", {{"e", std::string("a\"b\\c\n\x01")}, {"n", -3}}) ==
          "{\"time\":\"2026-11-22T15:15:28.123Z\",\"level\":\"error\",\"message\":\"no\","
          "\"e\":\"a\\\"b\\\\c\\u000a\\u0001\",\"n\":-3}\n");
}

TEST_CASE("field values stay on one line and are truncated") {
    const Log log(Level::info, Format::text, fixed);
    const std::string forged = "a\n15:00:00.000 error forged\x1b[2J";
    const auto line = log.render(Level::info, "x", {{"f", forged}});
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(line.find('\x1b') == std::string::npos);
    std::string umlauts;
    for (int i = 0; i < 1000; ++i) umlauts += "ü";
    const auto cut = log.render(Level::info, "x", {{"f", umlauts}});
    CHECK(cut.size() < kFieldBytes + 60);
    CHECK(cut.ends_with("ü...\n"));
}

TEST_CASE("messages below the level are dropped; the log file has mode 0600") {
    const auto path = std::filesystem::temp_directory_path() / ("hearth_log_" + std::to_string(getpid()));
    {
        Log log(Level::warn, Format::text, fixed);
        REQUIRE(log.open(path).has_value());
        log.info("not this", {});
        log.warn("this", {});
        log.set(Level::off, Format::text);
        log.error("nor this", {});
    }
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(text == "15:15:28.123 warn  this\n");
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms(0077)) ==
          std::filesystem::perms::none);
    std::filesystem::remove(path);
    Log log(Level::info, Format::text, fixed);
    const auto opened = log.open("/nonexistent/x.log");
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error()->message.find("/nonexistent/x.log") != std::string::npos);
}

TEST_CASE("lines are dropped instead of blocking when the reader is slow") {
    const auto path = std::filesystem::temp_directory_path() / ("hearth_fifo_" + std::to_string(getpid()));
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    Log log(Level::info, Format::text, fixed);
    REQUIRE(log.open(path).has_value());
    const std::string filler(290, 'x');
    for (int i = 0; i < 1000; ++i) log.info("line", {{"filler", filler}});  // far more than a pipe holds
    CHECK(log.dropped() > 0);
    CHECK(log.dropped() < 1000);
    (void)::close(reader);
    std::filesystem::remove(path);
}

}  // namespace log_test
