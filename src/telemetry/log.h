#pragma once
// The log, for operators; it never contains request content. This is enforced by types: the message is a string literal,
// variable parts are named fields; a field's text is truncated at 300 bytes and kept on one line; a Secret is not a field.
//
//     log.warn("provider answered with an error", {{"provider", id}, {"status", 500}});
//
// text: 15:04:05.123 warn  provider answered with an error provider=openai status=500
// json: {"time":"2026-11-22T15:04:05.123Z","level":"warn","message":"…","provider":"openai","status":500}
//
// Thread-safe. A line is one write(2); when the reader of a pipe does not keep up, lines are dropped and counted instead
// of blocking requests.
#include <atomic>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"

namespace hearth::telemetry {

enum class Level : std::uint8_t { debug, info, warn, error, off };
enum class Format : std::uint8_t { text, json };

// Only a string literal converts.
struct Literal {
    template <std::size_t N>
    consteval Literal(const char (&text)[N]) : text(text, N - 1) {}
    std::string_view text;
};

struct Field {
    Field(Literal key, std::string_view value) : key(key.text), value(value) {}
    Field(Literal key, const char* value) : key(key.text), value(std::string_view(value)) {}
    Field(Literal key, const std::string& value) : key(key.text), value(std::string_view(value)) {}
    Field(Literal key, bool value) : key(key.text), value(value) {}
    Field(Literal key, std::integral auto value) : key(key.text), value(static_cast<std::int64_t>(value)) {}
    Field(Literal key, double value) : key(key.text), value(value) {}
    Field(Literal key, const Secret&) = delete;
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};
using Fields = std::initializer_list<Field>;

inline constexpr std::size_t kFieldBytes = 300;

class Log {
  public:
    explicit Log(Level level = Level::info, Format format = Format::text, Clock& clock = system_clock());
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    // Appends to a file (mode 0600) instead of stderr. Call again with the same path after log rotation.
    Result<void> open(const std::filesystem::path& path);
    void set(Level level, Format format) { level_ = level, format_ = format; }

    [[nodiscard]] bool enabled(Level level) const { return level >= level_.load(std::memory_order_relaxed); }
    void debug(Literal message, Fields fields = {}) { write(Level::debug, message, fields); }
    void info(Literal message, Fields fields = {}) { write(Level::info, message, fields); }
    void warn(Literal message, Fields fields = {}) { write(Level::warn, message, fields); }
    void error(Literal message, Fields fields = {}) { write(Level::error, message, fields); }
    void write(Level level, Literal message, Fields fields);

    // The line as it would be written, newline included.
    [[nodiscard]] std::string render(Level level, Literal message, Fields fields) const;
    [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  private:
    Clock& clock_;
    std::atomic<Level> level_;
    std::atomic<Format> format_;
    std::atomic<int> fd_;
    std::atomic<std::uint64_t> dropped_{0};
};

// The program's log. Configured once by app, before threads.
[[nodiscard]] Log& log();

}  // namespace hearth::telemetry
