#pragma once
// Terminal output: tables, colours, sizes, times, money, a progress bar. Colours only on a terminal and unless NO_COLOR is
// set (no-color.org).
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"

namespace hearth::cli {

[[nodiscard]] bool is_terminal(std::FILE* stream);
[[nodiscard]] std::size_t terminal_width();  // columns; 80 if unknown

enum class Style : std::uint8_t { plain, bold, dim, red, green, yellow };
[[nodiscard]] std::string styled(std::string_view text, Style style, std::FILE* stream = stdout);

void print(std::string_view text);        // to stdout
void print_error(std::string_view text);  // to stderr

// Aligned columns, separated by two spaces; right-aligned where `right` is set. The last column is not padded.
class Table {
  public:
    struct Column {
        std::string_view title;
        bool right = false;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] std::string render(bool colour = false) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

[[nodiscard]] std::size_t display_width(std::string_view utf8);  // columns on a terminal, wcwidth(3)
[[nodiscard]] std::string human_duration(
    std::chrono::milliseconds time);                                 // "412 ms", "3.1 s", "4m 10s", "2h 5m"
[[nodiscard]] std::string human_money(std::optional<NanoUsd> cost);  // "$0.00015", "unknown"
[[nodiscard]] std::string human_count(std::int64_t count);           // "12,345"

// One line that is redrawn on a terminal, else a plain line every ten percent.
class ProgressBar {
  public:
    explicit ProgressBar(bool terminal) : terminal_(terminal) {}
    // total 0: unknown. Rate in bytes per second, 0: unknown.
    void update(std::string_view label, std::uint64_t done, std::uint64_t total, double rate);
    void finish();
    // The line of update() for a terminal of `width` columns, without the carriage return.
    [[nodiscard]] static std::string line(std::string_view label, std::uint64_t done, std::uint64_t total,
                                          double rate, std::size_t width);

  private:
    bool terminal_;
    bool drawn_ = false;
    int last_tenth_ = -1;
    std::string last_label_;
};

}  // namespace hearth::cli
